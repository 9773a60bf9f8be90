import { readEnv } from '#lib/base/env.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import { type Membership, membershipOf } from '#lib/db/members.ts';
import type { Access } from './access.ts';
import { bearerKey } from './api-key.ts';
import { auth } from './auth.ts';
import { accessOfKey } from './key-access.ts';
import { permissionsOf, readRole } from './roles.ts';
import { mayChangeByCookie } from './same-origin.ts';

/** A signed-in person: who, and where they work now (null: a member of no workspace). */
interface SignedIn {
  readonly user: { readonly id: string; readonly name: string; readonly email: string };
  readonly membership: Membership | null;
}

/**
 * Who is asking: the holder of an API key (`Authorization: Bearer wl_…`) or a signed-in person (session cookie, active
 * workspace). Null where nobody is proven; a header that holds no usable key is not rescued by a cookie. Throws
 * `forbidden` where a cookie comes with a change that no page of ours asked for.
 */
export async function authenticate(request: Request): Promise<Access | null> {
  const key = bearerKey(request.headers);
  if (key !== null) return key === '' ? null : accessOfKey(key);
  const { signedIn } = await readSession(request);
  if (signedIn?.membership == null) return null;
  if (!mayChangeByCookie(request, readEnv().WEFTLINE_ORIGIN)) {
    throw new AppError('forbidden', 'This call came from another page. Use an API key to call from elsewhere.');
  }
  const { user, membership } = signedIn;
  const role = readRole(membership.role);
  return {
    actor: { kind: 'user', id: user.id, name: user.name, email: user.email },
    workspaceId: membership.workspaceId,
    role,
    permissions: permissionsOf(role),
  };
}

/**
 * The session of a request's cookie, or null. With `prolong`, one that is in use gets a new expiry now and then; the
 * headers carry its new cookie then.
 */
export async function readSession(
  request: Request,
  { prolong = false }: { readonly prolong?: boolean } = {},
): Promise<{ readonly signedIn: SignedIn | null; readonly headers: Headers }> {
  const cookies = new Headers();
  if (!request.headers.has('cookie')) return { signedIn: null, headers: cookies };
  const options = { headers: request.headers, query: { disableRefresh: !prolong }, returnHeaders: true as const };
  const { headers, response } = await auth().api.getSession(options);
  for (const cookie of headers.getSetCookie()) cookies.append('set-cookie', cookie);
  return { signedIn: response === null ? null : await signedInOf(response), headers: cookies };
}

type Session = NonNullable<Awaited<ReturnType<ReturnType<typeof auth>['api']['getSession']>>>;

async function signedInOf({ session, user }: Session): Promise<SignedIn> {
  return {
    user: { id: idFromUuid('user', user.id), name: user.name, email: user.email },
    membership: await membershipOf(user.id, session.activeOrganizationId ?? null),
  };
}
