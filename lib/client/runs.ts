import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { request } from '#lib/client/request.ts';
import { explainRun } from '#lib/contracts/run-explain.ts';
import { getRun, getStepOutput, listRuns, listWorkflowRuns } from '#lib/contracts/runs.ts';
import type { RunStatus } from '#lib/engine/events.ts';

export type RunFilters = Omit<z.input<typeof listRuns.query>, 'cursor' | 'offset'>;

export const runKeys = {
  all: ['runs'] as const,
  lists: ['runs', 'list'] as const,
  list: (filters: RunFilters) => ['runs', 'list', filters] as const,
  one: (id: string) => ['runs', 'one', id] as const,
};

/** Milliseconds between two looks at a list of runs that is on the screen, for each page that is loaded. */
const LIST_REFRESH_MS = 2_000;

/** Runs, newest first, page by page; of one workflow with `workflow_id`. Looked at again while the tab is visible. */
export function runPagesOptions({ workflow_id, ...filters }: RunFilters = {}) {
  return infiniteQueryOptions({
    queryKey: runKeys.list({ ...filters, workflow_id }),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filters, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return workflow_id === undefined
        ? request(listRuns, { query, signal })
        : request(listWorkflowRuns, { params: { id: workflow_id }, query, signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => LIST_REFRESH_MS * Math.max(1, query.state.data?.pages.length ?? 1),
  });
}

/** How many runs a workflow has, for "what will be lost". */
export function runCountOptions(workflowId: string) {
  return queryOptions({
    queryKey: ['runs', 'count', workflowId] as const,
    queryFn: async ({ signal }) => (await request(listWorkflowRuns, { params: { id: workflowId }, query: { limit: 1 }, signal })).total,
  });
}

/** The whole output of a step, by its key. */
export function stepOutputOptions(runId: string, step: string) {
  return queryOptions({
    queryKey: [...runKeys.one(runId), 'output', step] as const,
    queryFn: ({ signal }) => request(getStepOutput, { params: { run_id: runId, step_key: step }, signal }),
    retry: false,
    staleTime: 0,
  });
}

export function runOptions(id: string) {
  return queryOptions({
    queryKey: runKeys.one(id),
    queryFn: ({ signal }) => request(getRun, { params: { run_id: id }, signal }),
  });
}

/** Why a run that nobody drives is where it is: its place in the queue is known to the server alone. Looked at again. */
export function runReasonOptions(id: string) {
  return queryOptions({
    queryKey: ['runs', 'why', id] as const,
    queryFn: async ({ signal }) => (await request(explainRun, { params: { run_id: id }, signal })).run,
    refetchInterval: LIST_REFRESH_MS,
  });
}

/** The newest runs that a step of a run has started. `revision` asks again when the step has changed. */
export function startedRunsOptions(runId: string, step: string, revision: number) {
  return queryOptions({
    queryKey: ['runs', 'started', runId, step, revision] as const,
    queryFn: ({ signal }) => request(listRuns, { query: { parent_run_id: runId, parent_step: step, limit: 20 }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** True for a run that will not change by itself any more. */
export function isFinished(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
