import { useQuery } from '@tanstack/react-query';
import { formatMoment } from '#lib/client/format.ts';
import { runReasonOptions } from '#lib/client/runs.ts';
import { explainRun } from '#lib/engine/explain-run.ts';
import type { RunState } from '#lib/engine/state.ts';

/** Why the run is queued, waits, is paused, or ended as it did. */
export function RunReason({ runId, state }: { readonly runId: string; readonly state: RunState }) {
  // What keeps it back stands in no event: the queue, its workers and the limit.
  const told = useQuery({ ...runReasonOptions(runId), enabled: state.status === 'queued' || state.status === 'waiting' });
  const current = told.data?.status === state.status ? told.data.sentence : null;
  return <p className="text-body text-text-2">{current ?? explainRun(state, null, momentOf)}</p>;
}

function momentOf(millis: number): string {
  return formatMoment(new Date(millis).toISOString());
}
