import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent, RunError } from '#lib/engine/events.ts';
import { afterFailure } from './retry.ts';
import { placeOf, stepAt } from './scope.ts';
import type { RunState, Waiting } from './state.ts';

/**
 * What the end of a run means for the step that waits for it: its output, or its failure with a summary. Null where the
 * step waits for another run by now, or for none.
 *
 * `payload`: `{ run_id, status: completed | failed | cancelled | deleted, output, error, totals }`, totals being steps by
 * status.
 */
export function childEnded(state: RunState, key: string, payload: Json, now: number): NewRunEvent | null {
  const place = placeOf(state, key);
  if (place === undefined || !isJsonObject(payload)) return null;
  const { step, at } = stepAt(place.scope, place.index);
  const { run_id: runId, status, output = null, error = null, totals = {} } = payload;
  if (at.waiting === null || typeof runId !== 'string' || childOf(at.waiting) !== runId) return null;
  const { attempt } = at;
  const startedAt = at.startedAt ?? now;
  if (status === 'completed') return { type: 'step_completed', step: key, attempt, output, started_at: startedAt, at: now };
  const failure: RunError = {
    code: 'SUBWORKFLOW_FAILED',
    message: `The run ${runId} ${endWords(status)}${causeOf(error)}`,
    step: key,
    data: { run_id: runId, status: status ?? null, output, error, totals },
  };
  // Chance spreads retries that would come together; the moment of the end is chance enough.
  return afterFailure(step, at, { step: key, attempt, startedAt, endedAt: now, error: failure, retryable: true }, (now % 1000) / 1000);
}

/** The planned run cannot be started: the step that waits for it fails with `error`. */
export function childRefused(state: RunState, key: string, error: RunError, now: number): NewRunEvent | null {
  const place = placeOf(state, key);
  if (place === undefined) return null;
  const { at } = stepAt(place.scope, place.index);
  if (childOf(at.waiting) === null) return null;
  return { type: 'step_failed', step: key, attempt: at.attempt, error: { ...error, step: key }, started_at: at.startedAt, at: now };
}

/** The id of the run that a step waits for, null where it waits for something else. */
export function childOf(waiting: Waiting | null): string | null {
  if (waiting?.kind !== 'child' || !isJsonObject(waiting.data)) return null;
  return typeof waiting.data.run_id === 'string' ? waiting.data.run_id : null;
}

function endWords(status: Json | undefined): string {
  return status === 'failed' ? 'failed' : status === 'deleted' ? 'was deleted' : 'was cancelled';
}

function causeOf(error: Json): string {
  return isJsonObject(error) && typeof error.message === 'string' ? `: ${error.message}` : '';
}
