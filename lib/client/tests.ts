import { queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { getTests } from '#lib/contracts/trial.ts';

/** Pins and last test results of a workflow's draft. */
export function testsOptions(workflowId: string) {
  return queryOptions({
    queryKey: ['tests', workflowId] as const,
    queryFn: ({ signal }) => request(getTests, { params: { id: workflowId }, signal }),
  });
}
