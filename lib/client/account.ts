import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ApiError, request } from '#lib/client/request.ts';
import { getHealth, getSession, listKeys } from '#lib/contracts/account.ts';
import { listAudit } from '#lib/contracts/audit.ts';
import type { AnswerOf } from '#lib/contracts/contract.ts';
import { getSigningSecret } from '#lib/contracts/deliveries.ts';

export type Session = AnswerOf<typeof getSession>;

export const accountKeys = {
  session: ['session'] as const,
  keys: ['keys'] as const,
  audit: ['audit'] as const,
  signing: ['signing'] as const,
};

export function sessionOptions() {
  return queryOptions({
    queryKey: accountKeys.session,
    queryFn: ({ signal }) => request(getSession, { signal }),
    staleTime: 60_000,
  });
}

/** Looked at again while it is on the screen: workers come and go. */
export function healthOptions() {
  return queryOptions({ queryKey: ['health'] as const, queryFn: ({ signal }) => request(getHealth, { signal }), refetchInterval: 3_000 });
}

export function keyListOptions() {
  return queryOptions({ queryKey: accountKeys.keys, queryFn: ({ signal }) => request(listKeys, { signal }) });
}

/** What was done in the workspace, newest first, page by page. */
export function auditPagesOptions(targetKind: string | null) {
  return infiniteQueryOptions({
    queryKey: [...accountKeys.audit, targetKind] as const,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: 20,
        ...(targetKind === null ? {} : { target_kind: targetKind }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      return request(listAudit, { query, signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

export function signingSecretOptions() {
  return queryOptions({ queryKey: accountKeys.signing, queryFn: ({ signal }) => request(getSigningSecret, { signal }) });
}

/** Signs in with e-mail and password; the answer sets the session cookie. Throws `ApiError`, `unauthorized` for a wrong pair. */
export async function signIn(email: string, password: string): Promise<void> {
  const answer = await postAuth('sign-in/email', { email, password });
  if (answer.ok) return;
  if (answer.status === 401 || answer.status === 400 || answer.status === 403) {
    throw new ApiError('unauthorized', 'That e-mail address and password do not belong together.', answer.status);
  }
  if (answer.status === 429) throw new ApiError('rate_limited', 'Too many tries. Wait a minute, then try again.', 429);
  throw new ApiError('internal_error', `Sign-in failed with status ${answer.status}. Try again.`, answer.status);
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  const answer = await postAuth('sign-out', {});
  if (!answer.ok && answer.status !== 401) throw new ApiError('internal_error', 'Sign-out failed. Try again.', answer.status);
}

/** The sign-in library has its own paths and bodies; its refusals carry no body of ours. */
async function postAuth(path: string, body: object): Promise<Response> {
  try {
    return await fetch(`/api/auth/${path}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ApiError('unavailable', "The server can't be reached. Check that it is running and try again.", 0);
  }
}
