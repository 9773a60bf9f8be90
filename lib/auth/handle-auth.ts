import { AppError } from '#lib/base/errors.ts';
import { auth, CLIENT_ADDRESS_HEADER } from './auth.ts';
import type { RequestContext } from './client-address.ts';

/**
 * What the sign-in library may serve to the outside. It knows many more paths (sign-up, changes of e-mail, members);
 * those are reached through contracts of our own, where permissions and the audit log hold.
 */
const SERVED = new Set(['POST /api/auth/sign-in/email', 'POST /api/auth/sign-out']);

/**
 * Serves `/api/auth/*`. What the library agrees to is answered with its cookies alone: its body would hand the session's
 * token to scripts of the page, from which the cookie keeps it. Refusals are thrown as `AppError` so that
 * they look like every other refusal: `unauthorized` for a wrong e-mail or password, `rate_limited` with
 * `data.retry_after` in seconds, `forbidden` for a call from a foreign page.
 */
export async function handleAuth({ request, clientAddress }: RequestContext): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/\/+$/, '');
  if (!SERVED.has(`${request.method} ${path}`)) throw new AppError('not_found', 'There is nothing at this address.');
  const headers = new Headers(request.headers);
  headers.delete(CLIENT_ADDRESS_HEADER);
  if (clientAddress !== null) headers.set(CLIENT_ADDRESS_HEADER, clientAddress.replace(/^::ffff:/i, ''));
  const response = await auth().handler(new Request(request, { headers }));
  if (!response.ok) throw await refusal(response);
  const answer = Response.json({ ok: true }, { headers: { 'cache-control': 'no-store' } });
  for (const cookie of response.headers.getSetCookie()) answer.headers.append('set-cookie', cookie);
  return answer;
}

async function refusal(response: Response): Promise<AppError> {
  const said = (await response.json().catch(() => null)) as { code?: unknown; message?: unknown } | null;
  if (/^(INVALID_EMAIL|PASSWORD_)/.test(String(said?.code))) return wrongPair();
  const message = typeof said?.message === 'string' ? said.message : 'This was refused.';
  switch (response.status) {
    case 401:
      return wrongPair();
    case 403:
      return new AppError('forbidden', message);
    case 415:
      return new AppError('unsupported_media_type', 'Send the body as JSON, with the header Content-Type: application/json.');
    case 429: {
      const seconds = Number(response.headers.get('x-retry-after')) || 60;
      return new AppError('rate_limited', `Too many tries. Wait ${seconds} seconds.`, { data: { retry_after: seconds } });
    }
    default:
      if (response.status >= 500) return new AppError('unavailable', 'Sign-in does not work right now. Try again in a moment.');
      return new AppError('validation_error', message);
  }
}

function wrongPair(): AppError {
  return new AppError('unauthorized', 'The e-mail address or the password is wrong.');
}
