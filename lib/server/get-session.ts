import { readSession } from '#lib/auth/authenticate.ts';
import { isLocalVisitor, type RequestContext } from '#lib/auth/client-address.ts';
import { permissionsOf, readRole } from '#lib/auth/roles.ts';
import type { getSession as contract } from '#lib/contracts/account.ts';
import type { AnswerOf } from '#lib/contracts/contract.ts';
import { hasOwner } from '#lib/db/owner.ts';

/** An answer with headers of its own (cookies). */
export interface WithHeaders<T> {
  readonly answer: T;
  readonly headers: Headers;
}

/**
 * Who is asking, and whether somebody owns this installation yet. Prolongs the session of an active person, if a page
 * asks: to the server's own look (while it renders) a new cookie would be lost.
 */
export async function getSession(context: RequestContext): Promise<WithHeaders<AnswerOf<typeof contract>>> {
  const fromPage = context.request.headers.has('sec-fetch-site') || context.request.headers.has('referer');
  const [{ signedIn, headers }, setUp] = await Promise.all([readSession(context.request, { prolong: fromPage }), hasOwner()]);
  const membership = signedIn?.membership ?? null;
  const role = membership === null ? null : readRole(membership.role);
  const answer = {
    set_up: setUp,
    setup_token_needed: !setUp && !isLocalVisitor(context),
    user: signedIn?.user ?? null,
    workspace:
      membership === null || role === null
        ? null
        : { id: membership.workspaceId, name: membership.workspaceName, slug: membership.workspaceSlug, role },
    permissions: role === null ? [] : [...permissionsOf(role)],
  };
  return { answer, headers };
}
