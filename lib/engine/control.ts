import type { NewRunEvent } from '#lib/engine/events.ts';
import { isFinal, type RunState } from './state.ts';

/**
 * What people ask of a run, as the event to append. Null: the run's status does not allow it (409 to a caller).
 * Append under the run's row lock and apply, then call `advance`: it skips, stops, pauses and completes.
 */

/** From running and waiting. What is in flight finishes (`pausing`); timers and retries stand still. */
export function pauseRun(state: RunState, now: number): NewRunEvent | null {
  if ((state.status !== 'running' && state.status !== 'waiting') || state.cancel !== null) return null;
  return { type: state.inFlight > 0 ? 'run_pausing' : 'run_paused', reason: 'request', at: now };
}

/**
 * From paused; while pausing it withdraws the pause. Pending steps are asked again, failed ones don't run again. To run
 * those again, see `planReopen`.
 */
export function resumeRun(state: RunState, now: number): NewRunEvent | null {
  if (state.status !== 'paused' && state.status !== 'pausing') return null;
  return { type: 'run_resumed', at: now };
}

/** From every status but the final ones, rolling back and a cancel in progress. Cancelling can't be taken back. */
export function cancelRun(state: RunState, now: number, options: { readonly rollback?: boolean } = {}): NewRunEvent | null {
  if (isFinal(state.status) || state.status === 'rolling_back' || state.cancel !== null) return null;
  return { type: 'run_cancelling', reason: 'request', ...(options.rollback ? { rollback: true } : {}), at: now };
}
