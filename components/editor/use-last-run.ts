import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Json } from '#lib/base/json.ts';
import { request } from '#lib/client/request.ts';
import { runOptions } from '#lib/client/runs.ts';
import { listWorkflowRuns } from '#lib/contracts/runs.ts';
import type { LastRun } from '../form/values-in-reach.ts';

const LOOK_AGAIN_MS = 30_000;

/** Input and outputs of the newest run, to try expressions on; null where the workflow never ran. */
export function useLastRun(workflowId: string): LastRun | null {
  const { data: newest } = useQuery({
    queryKey: ['runs', 'newest', workflowId],
    queryFn: async ({ signal }) =>
      (await request(listWorkflowRuns, { params: { id: workflowId }, query: { limit: 1 }, signal })).runs[0] ?? null,
    staleTime: LOOK_AGAIN_MS,
  });
  const { data } = useQuery({ ...runOptions(newest?.id ?? ''), enabled: newest != null, staleTime: LOOK_AGAIN_MS });
  return useMemo(() => {
    if (!data) return null;
    const done = data.run.step_runs.filter((step) => step.status === 'completed');
    return { input: data.run.input, outputs: new Map<string, Json>(done.map((step) => [step.step_key, step.output])) };
  }, [data]);
}
