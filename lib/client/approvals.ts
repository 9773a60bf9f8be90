import { queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { listApprovals } from '#lib/contracts/approvals.ts';

export const approvalKeys = { all: ['approvals'] as const };

/** Milliseconds between two looks, while the tab is visible. */
const REFRESH_MS = 4_000;

/** What waits for a decision, oldest first; of one run where it is named. */
export function approvalListOptions(runId?: string) {
  const query = { limit: 200, ...(runId === undefined ? {} : { run_id: runId }) };
  return queryOptions({
    queryKey: [...approvalKeys.all, runId ?? null] as const,
    queryFn: ({ signal }) => request(listApprovals, { query, signal }),
    refetchInterval: REFRESH_MS,
  });
}
