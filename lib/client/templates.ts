import { queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { getTemplate, listTemplates } from '#lib/contracts/templates.ts';

export const templateKeys = {
  all: ['templates'] as const,
  list: ['templates', 'list'] as const,
  one: (id: string) => ['templates', 'one', id] as const,
};

/** All templates: the gallery filters them in the browser, at once. */
export function templateListOptions() {
  return queryOptions({
    queryKey: templateKeys.list,
    queryFn: ({ signal }) => request(listTemplates, { query: { limit: 200 }, signal }),
    staleTime: 60_000,
  });
}

export function templateOptions(id: string) {
  return queryOptions({
    queryKey: templateKeys.one(id),
    queryFn: ({ signal }) => request(getTemplate, { params: { id }, signal }),
    staleTime: 60_000,
  });
}
