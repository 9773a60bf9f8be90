import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { request } from '#lib/client/request.ts';
import { getDraft, getRetention, getWorkflow, listWorkflows } from '#lib/contracts/workflows.ts';

export type WorkflowFilters = Omit<z.input<typeof listWorkflows.query>, 'cursor' | 'offset'>;

export const workflowKeys = {
  all: ['workflows'] as const,
  lists: ['workflows', 'list'] as const,
  list: (filters: WorkflowFilters) => ['workflows', 'list', filters] as const,
  pages: (filters: WorkflowFilters) => ['workflows', 'list', 'pages', filters] as const,
  one: (id: string) => ['workflows', 'one', id] as const,
  retention: (id: string) => ['workflows', 'retention', id] as const,
  draft: (id: string) => ['workflows', 'draft', id] as const,
};

/** The list, most recently changed first; the rows of the former filter stay until the new ones are here. */
export function workflowListOptions(filters: WorkflowFilters = {}) {
  return queryOptions({
    queryKey: workflowKeys.list(filters),
    queryFn: ({ signal }) => request(listWorkflows, { query: filters, signal }),
    placeholderData: keepPreviousData,
  });
}

/** Milliseconds between two looks at the list while it is on the screen: its run ticks are live. */
const LIST_REFRESH_MS = 5_000;

/** The same list page by page, kept fresh while the tab is visible. */
export function workflowPagesOptions(filters: WorkflowFilters = {}) {
  return infiniteQueryOptions({
    queryKey: workflowKeys.pages(filters),
    queryFn: ({ pageParam, signal }) =>
      request(listWorkflows, { query: { ...filters, ...(pageParam === null ? {} : { cursor: pageParam }) }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: LIST_REFRESH_MS,
  });
}

export function workflowOptions(id: string) {
  return queryOptions({
    queryKey: workflowKeys.one(id),
    queryFn: ({ signal }) => request(getWorkflow, { params: { id }, signal }),
  });
}

/** How long ended runs of a workflow are kept. */
export function retentionOptions(id: string) {
  return queryOptions({
    queryKey: workflowKeys.retention(id),
    queryFn: ({ signal }) => request(getRetention, { params: { id }, signal }),
  });
}

/** The working copy. Never refreshed behind the editor's back: the editor owns it while it is open. */
export function draftOptions(id: string) {
  return queryOptions({
    queryKey: workflowKeys.draft(id),
    queryFn: ({ signal }) => request(getDraft, { params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}
