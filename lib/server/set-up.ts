import { timingSafeEqual } from 'node:crypto';
import { auth, CLIENT_ADDRESS_HEADER } from '#lib/auth/auth.ts';
import { isLocalVisitor, type RequestContext } from '#lib/auth/client-address.ts';
import { mayChangeByCookie } from '#lib/auth/same-origin.ts';
import { readEnv } from '#lib/base/env.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { setUp as contract } from '#lib/contracts/account.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { ensureDefaultWorkspace, hasOwner, insertOwner, renameWorkspace, whileAloneInSetUp } from '#lib/db/owner.ts';
import type { WithHeaders } from './get-session.ts';

const ALREADY = 'This installation already has an owner. Sign in instead.';

/**
 * Makes the first visitor the owner, and signs them in: the headers carry the session cookie. Works once, whoever races.
 * A visitor from elsewhere needs the token that the launcher printed (`WEFTLINE_SETUP_TOKEN`).
 */
export async function setUp(context: RequestContext, input: InputOf<typeof contract>): Promise<WithHeaders<AnswerOf<typeof contract>>> {
  const { name, email, password, workspace, token } = input.body;
  requireOwnPage(context.request);
  requireToken(context, token);
  if (await hasOwner()) throw new AppError('conflict', ALREADY);
  const passwordHash = await (await auth().$context).password.hash(password);
  const made = await whileAloneInSetUp(async (client) => {
    if (await hasOwner(client)) throw new AppError('conflict', ALREADY);
    const workspaceUuid = await ensureDefaultWorkspace(client, workspace);
    await renameWorkspace(client, workspaceUuid, workspace);
    const userUuid = await insertOwner(client, { name, email, passwordHash, workspaceUuid });
    return { user_id: idFromUuid('user', userUuid), workspace_id: idFromUuid('ws', workspaceUuid) };
  });
  return { answer: made, headers: await signInHeaders(context, email, password) };
}

/** A browser says where a call comes from; a program (no such header) proves itself by being local or by the token. */
function requireOwnPage(request: Request): void {
  const fromBrowser = request.headers.has('origin') || request.headers.has('sec-fetch-site');
  if (fromBrowser && !mayChangeByCookie(request, readEnv().WEFTLINE_ORIGIN)) {
    throw new AppError('forbidden', 'This call came from another page. Open the set-up page itself.');
  }
}

function requireToken(context: RequestContext, token: string | undefined): void {
  if (isLocalVisitor(context)) return;
  const expected = Buffer.from(readEnv().WEFTLINE_SETUP_TOKEN ?? '');
  const given = Buffer.from(token ?? '');
  if (expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected)) return;
  const message = 'From another machine, set-up needs the token that npm start printed.';
  throw new AppError('forbidden', message, { details: [{ path: '/token', code: 'setup_token', message }] });
}

async function signInHeaders({ request, clientAddress }: RequestContext, email: string, password: string): Promise<Headers> {
  const headers = new Headers({ 'user-agent': request.headers.get('user-agent') ?? '' });
  if (clientAddress !== null) headers.set(CLIENT_ADDRESS_HEADER, clientAddress);
  const { headers: answered } = await auth().api.signInEmail({ body: { email, password }, headers, returnHeaders: true });
  const cookies = new Headers();
  for (const cookie of answered.getSetCookie()) cookies.append('set-cookie', cookie);
  return cookies;
}
