import { queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { listAgents } from '#lib/contracts/agents.ts';

export const agentKeys = { list: ['agents'] as const };

export function agentListOptions() {
  return queryOptions({ queryKey: agentKeys.list, queryFn: ({ signal }) => request(listAgents, { signal }) });
}
