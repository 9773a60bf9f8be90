import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { listScheduleFires, listSchedules, listWorkflowSchedules } from '#lib/contracts/schedules.ts';

export const scheduleKeys = {
  all: ['schedules'] as const,
  list: (workflowId: string | null) => ['schedules', 'list', workflowId] as const,
  fires: (id: string) => ['schedules', 'fires', id] as const,
};

/** Milliseconds between two looks at what is on the screen: due times pass by themselves. */
const REFRESH_MS = 5_000;

/** Schedules of the workspace, or of one workflow, page by page; the next one due first. */
export function schedulePagesOptions(workflowId: string | null) {
  return infiniteQueryOptions({
    queryKey: scheduleKeys.list(workflowId),
    queryFn: ({ pageParam, signal }) => {
      const query = pageParam === null ? {} : { cursor: pageParam };
      return workflowId === null
        ? request(listSchedules, { query, signal })
        : request(listWorkflowSchedules, { params: { id: workflowId }, query, signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => REFRESH_MS * Math.max(1, query.state.data?.pages.length ?? 1),
  });
}

/** What became of the last due times of a schedule. */
export function scheduleFiresOptions(id: string) {
  return queryOptions({
    queryKey: scheduleKeys.fires(id),
    queryFn: ({ signal }) => request(listScheduleFires, { params: { schedule_id: id }, query: { limit: 10 }, signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** Day and time of a moment in a zone, with the zone's short name where asked: `Wed 25 Nov 2026, 09:30 CET`. */
export function formatInZone(iso: string, timeZone: string, named = false): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(named ? { timeZoneName: 'short' as const } : {}),
  })
    .format(new Date(iso))
    .replace(/^(\w+), /, '$1 ');
}

/** Every zone that the browser knows, UTC first; also one that it does not list. */
export function timeZones(also: string): string[] {
  return [...new Set(['UTC', also, ...Intl.supportedValuesOf('timeZone')])];
}

/** The zone of the person's browser. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}
