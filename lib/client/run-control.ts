import { queryOptions } from '@tanstack/react-query';
import { request } from '#lib/client/request.ts';
import { runKeys } from '#lib/client/runs.ts';
import { listDeliveries } from '#lib/contracts/deliveries.ts';
import { bulkRuns, forkRun, MAX_BULK, restartRun, resumeRun } from '#lib/contracts/run-control.ts';

/** What would run again under the run's id, and what would be kept; asked of the server, which decides it. */
export type Again = 'resume' | 'restart' | 'fork';

export interface AgainWish {
  readonly runId: string;
  readonly kind: Again;
  /** Null: from the beginning. */
  readonly fromStep: string | null;
  /** Null: the version of the run. */
  readonly version: number | null;
}

interface Plan {
  readonly runs_again: readonly string[];
  readonly kept: readonly string[];
}

/** Asks what a resume, restart or fork would do, without doing it. */
export function planOptions({ runId, kind, fromStep, version }: AgainWish) {
  return queryOptions({
    // Apart from the run's own keys: once it was done, asking again would only be refused.
    queryKey: ['run-plan', runId, kind, fromStep, version] as const,
    gcTime: 0,
    queryFn: async (): Promise<Plan> => {
      const call = { params: { run_id: runId }, body: { ...bodyOf(fromStep, kind === 'restart' ? null : version), dry_run: true } };
      return kind === 'fork' ? request(forkRun, call) : kind === 'resume' ? request(resumeRun, call) : request(restartRun, call);
    },
    staleTime: 0,
    retry: false,
  });
}

export function bodyOf(fromStep: string | null, version: number | null) {
  return { ...(fromStep === null ? {} : { from_step: fromStep }), ...(version === null ? {} : { version }) };
}

export function deliveryOptions(runId: string) {
  return queryOptions({
    queryKey: [...runKeys.one(runId), 'deliveries'] as const,
    queryFn: ({ signal }) => request(listDeliveries, { params: { run_id: runId }, signal }),
  });
}

export type BulkAction = 'cancel' | 'retry' | 'delete';

/** Does the same to many runs, as many at a time as the server takes; answers for how many, and why not for the others. */
export async function bulk(action: BulkAction, runIds: readonly string[]): Promise<{ done: number; reasons: string[] }> {
  let done = 0;
  const reasons = new Set<string>();
  for (let at = 0; at < runIds.length; at += MAX_BULK) {
    const answer = await request(bulkRuns, { body: { action, run_ids: runIds.slice(at, at + MAX_BULK) } });
    done += answer.done.length;
    for (const { message } of answer.failed) reasons.add(message);
  }
  return { done, reasons: [...reasons] };
}
