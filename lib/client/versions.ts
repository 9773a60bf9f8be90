import { queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { getVersion, listVersions } from '#lib/contracts/versions.ts';

export const versionKeys = {
  all: (workflowId: string) => ['versions', workflowId] as const,
  list: (workflowId: string) => ['versions', workflowId, 'list'] as const,
  one: (workflowId: string, version: number) => ['versions', workflowId, 'one', version] as const,
};

export function versionListOptions(workflowId: string) {
  return queryOptions({
    queryKey: versionKeys.list(workflowId),
    queryFn: ({ signal }) => request(listVersions, { params: { id: workflowId }, signal }),
  });
}

/** A version never changes, so it is fetched once. */
export function versionOptions(workflowId: string, version: number) {
  return queryOptions({
    queryKey: versionKeys.one(workflowId, version),
    queryFn: ({ signal }) => request(getVersion, { params: { id: workflowId, version }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
