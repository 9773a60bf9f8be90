import type { NewRunEvent, RunError } from '#lib/engine/events.ts';
import { planReopen } from './resume.ts';
import { isFinal, type RunState } from './state.ts';

/**
 * What people ask of a run, as the event to append. Null: the run's status does not allow it (409 to a caller).
 * Append under the run's row lock and apply, then call `advance`: it skips, stops, pauses and completes.
 */

/**
 * A wish to a run that a worker drives, as the flag in its row; `restart:<step>` restarts from that step. An id of a step
 * holds nothing that a flag could be confused by.
 */
export type Control = 'none' | 'cancel' | 'rollback' | 'pause' | 'resume' | 'restart' | `restart:${string}`;

/** The event that grants a wish now; null where there is nothing (any more) to grant. */
export function grant(state: RunState, control: Control, now: number): NewRunEvent | null {
  switch (control) {
    case 'none':
      return null;
    case 'cancel':
      return cancelRun(state, now);
    case 'rollback':
      return cancelRun(state, now, { rollback: true });
    case 'pause':
      return pauseRun(state, now);
    case 'resume':
      return resumeRun(state, now);
    default:
      return restartRun(state, now, control.startsWith('restart:') ? control.slice('restart:'.length) : null);
  }
}

/** From every status. Everything runs again, or (`fromStep`) that step and all after it. */
export function restartRun(state: RunState, now: number, fromStep: string | null): NewRunEvent | null {
  const plan = planReopen(state, { kind: 'restart', fromStep }, now);
  return plan.ok ? plan.event : null;
}

/** From running and waiting. What is in flight finishes (`pausing`); timers and retries stand still. */
export function pauseRun(state: RunState, now: number): NewRunEvent | null {
  if ((state.status !== 'running' && state.status !== 'waiting') || state.cancel !== null) return null;
  return { type: state.inFlight > 0 ? 'run_pausing' : 'run_paused', reason: 'request', at: now };
}

/** As `pauseRun`, because the run that waits for it is paused: one that has not begun is held back, too. */
export function holdRun(state: RunState, now: number): NewRunEvent | null {
  if (state.status === 'queued' && state.cancel === null) return { type: 'run_paused', reason: 'request', at: now };
  return pauseRun(state, now);
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

/** The end of a run for what no retry can help, whatever it was at. */
export function failRun(state: RunState, error: RunError, now: number): NewRunEvent {
  const duration = state.startedAt === null ? 0 : Math.max(0, now - state.startedAt) / 1000;
  return { type: 'run_completed', status: 'failed', output: null, error, duration_seconds: duration, at: now };
}
