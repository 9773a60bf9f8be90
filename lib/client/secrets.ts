import { queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { listSecrets } from '#lib/contracts/secrets.ts';

export const secretKeys = { list: ['secrets'] as const };

export function secretListOptions() {
  return queryOptions({ queryKey: secretKeys.list, queryFn: ({ signal }) => request(listSecrets, { signal }) });
}
