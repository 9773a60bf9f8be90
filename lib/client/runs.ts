import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { request } from '#lib/client/request.ts';
import { getRun, listRuns } from '#lib/contracts/runs.ts';
import type { RunStatus } from '#lib/engine/events.ts';

export type RunFilters = Omit<z.input<typeof listRuns.query>, 'cursor'>;

export const runKeys = {
  all: ['runs'] as const,
  lists: ['runs', 'list'] as const,
  list: (filters: RunFilters) => ['runs', 'list', filters] as const,
  one: (id: string) => ['runs', 'one', id] as const,
};

/** Milliseconds between two looks at a list of runs that is on the screen. */
const LIST_REFRESH_MS = 2_000;

/** Runs, newest first (of one workflow with `workflow_id`), looked at again every 2 s while the tab is visible. */
export function runListOptions(filters: RunFilters = {}) {
  return queryOptions({
    queryKey: runKeys.list(filters),
    queryFn: ({ signal }) => request(listRuns, { query: filters, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: LIST_REFRESH_MS,
    refetchIntervalInBackground: false,
  });
}

export function runOptions(id: string) {
  return queryOptions({
    queryKey: runKeys.one(id),
    queryFn: ({ signal }) => request(getRun, { params: { run_id: id }, signal }),
  });
}

/** True for a run that will not change by itself any more. */
export function isFinished(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
