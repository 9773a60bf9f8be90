import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Json } from '#lib/base/json.ts';
import { request } from '#lib/client/request.ts';
import { runOptions } from '#lib/client/runs.ts';
import { testsOptions } from '#lib/client/tests.ts';
import { listWorkflowRuns } from '#lib/contracts/runs.ts';
import type { LastRun } from '../form/values-in-reach.ts';

const LOOK_AGAIN_MS = 30_000;

/**
 * Input and outputs of the newest run, to try expressions on; null where the workflow never ran. A test of one step has few: the
 * last test results fill in, and pinned outputs stand for what the next test will be given.
 */
export function useLastRun(workflowId: string): LastRun | null {
  const { data: newest } = useQuery({
    queryKey: ['runs', 'newest', workflowId],
    queryFn: async ({ signal }) =>
      (await request(listWorkflowRuns, { params: { id: workflowId }, query: { limit: 1 }, signal })).runs[0] ?? null,
    staleTime: LOOK_AGAIN_MS,
  });
  const { data } = useQuery({ ...runOptions(newest?.id ?? ''), enabled: newest != null, staleTime: LOOK_AGAIN_MS });
  const { data: tests } = useQuery({ ...testsOptions(workflowId), staleTime: LOOK_AGAIN_MS });
  return useMemo(() => {
    if (!data && !tests?.pins.length) return null;
    const outputs = new Map<string, Json>();
    for (const { step_id, status, output, output_omitted } of tests?.results ?? [])
      if (status === 'completed' && !output_omitted) outputs.set(step_id, output);
    for (const { step_key, status, output } of data?.run.step_runs ?? []) if (status === 'completed') outputs.set(step_key, output);
    for (const { step_id, output } of tests?.pins ?? []) outputs.set(step_id, output);
    return { input: data?.run.input ?? {}, outputs };
  }, [data, tests]);
}
