import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { getHookCall, listAllHooks, listHookCalls, listHooks } from '#lib/contracts/hooks.ts';

export const hookKeys = {
  all: ['hooks'] as const,
  list: (workflowId: string) => ['hooks', workflowId] as const,
  calls: (hookId: string) => ['hook-calls', hookId] as const,
  call: (callId: string) => ['hook-call', callId] as const,
};

/** Milliseconds between two looks at hooks and their calls, while the tab is visible. */
const REFRESH_MS = 2_000;

export function hookListOptions(workflowId: string) {
  return queryOptions({
    queryKey: hookKeys.list(workflowId),
    queryFn: ({ signal }) => request(listHooks, { params: { id: workflowId }, signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** The hooks of the whole workspace, oldest first, page by page. */
export function hookPagesOptions() {
  return infiniteQueryOptions({
    queryKey: [...hookKeys.all, null] as const,
    queryFn: ({ pageParam, signal }) => request(listAllHooks, { query: pageParam === null ? {} : { cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => REFRESH_MS * Math.max(1, query.state.data?.pages.length ?? 1),
  });
}

export function hookCallsOptions(workflowId: string, hookId: string) {
  return queryOptions({
    queryKey: hookKeys.calls(hookId),
    queryFn: ({ signal }) => request(listHookCalls, { params: { id: workflowId, hook_id: hookId }, query: { limit: 50 }, signal }),
    refetchInterval: REFRESH_MS,
  });
}

export function hookCallOptions(workflowId: string, hookId: string, callId: string) {
  return queryOptions({
    queryKey: hookKeys.call(callId),
    queryFn: ({ signal }) => request(getHookCall, { params: { id: workflowId, hook_id: hookId, call_id: callId }, signal }),
  });
}
