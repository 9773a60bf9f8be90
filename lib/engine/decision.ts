import type { NewRunEvent, SkipReason } from '#lib/engine/events.ts';
import type { BufferedEvent } from './state.ts';

/** What only a shell can do. `step` is a step key. */
export type Work =
  /** Run the step's executor. `execution` is part of the idempotency key. */
  | { readonly kind: 'start'; readonly step: string; readonly attempt: number; readonly execution: number }
  /** Evaluate the expression, then append `condition_evaluated` with the same step, condition and iteration. */
  | Evaluation
  /** Evaluate what a wait asks of an event, or of the run (`event` null), then append `wait_examined`, or `lookAgain`. */
  | Examination
  /** Ask a running step to stop; append `step_cancelled` (or how else it ended). */
  | { readonly kind: 'cancel_step'; readonly step: string }
  /** The time of a wait for a child run or a remote step is over. */
  | { readonly kind: 'wake'; readonly step: string }
  /** Undo the step with its own retries, then append `step_undone`. */
  | { readonly kind: 'undo'; readonly step: string };

export interface Evaluation {
  readonly kind: 'evaluate';
  readonly step: string;
  readonly condition: 'skip_when' | 'run_when' | 'while' | 'break_when';
  /** Of `while` (asked before it) and `break_when` (after it). */
  readonly iteration?: number;
  readonly expression: string;
}

export interface Examination {
  readonly kind: 'examine';
  readonly step: string;
  readonly expression: string;
  readonly event: BufferedEvent | null;
}

/** Either work for a shell, or an event that needs none and only has to be recorded. */
export type Decision = Work | { readonly kind: 'record'; readonly event: NewRunEvent };

export function record(event: NewRunEvent): Decision {
  return { kind: 'record', event };
}

export function skip(key: string, reason: SkipReason, now: number): Decision {
  return record({ type: 'step_skipped', step: key, reason, at: now });
}
