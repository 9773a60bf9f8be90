import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { listApprovals } from '#lib/contracts/approvals.ts';

export const approvalKeys = { all: ['approvals'] as const };

/** Milliseconds between two looks, while the tab is visible. */
const REFRESH_MS = 4_000;

/** What waits for a decision in the whole workspace, oldest first, page by page. */
export function approvalPagesOptions() {
  return infiniteQueryOptions({
    queryKey: [...approvalKeys.all, 'pages'] as const,
    queryFn: ({ pageParam, signal }) => request(listApprovals, { query: pageParam === null ? {} : { cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => REFRESH_MS * Math.max(1, query.state.data?.pages.length ?? 1),
  });
}

/** How many decisions are open in the workspace. */
export function approvalCountOptions() {
  return queryOptions({
    queryKey: [...approvalKeys.all, 'count'] as const,
    queryFn: async ({ signal }) => (await request(listApprovals, { query: { limit: 1 }, signal })).total,
    refetchInterval: REFRESH_MS,
  });
}

/** The first decisions that a run waits for, oldest first; of one step where it is named. */
export function runApprovalsOptions(runId: string, stepKey?: string) {
  const query = { run_id: runId, limit: 200, ...(stepKey === undefined ? {} : { step_key: stepKey }) };
  return queryOptions({
    queryKey: [...approvalKeys.all, runId, stepKey ?? null] as const,
    queryFn: ({ signal }) => request(listApprovals, { query, signal }),
    refetchInterval: REFRESH_MS,
  });
}
