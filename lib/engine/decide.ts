import type { NewRunEvent } from '#lib/engine/events.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import type { RunState } from './state.ts';

/** What only a shell can do. `step` is a graph index. */
export type Work =
  /** Run the step's executor. `execution` is part of the idempotency key. */
  | { readonly kind: 'start'; readonly step: number; readonly attempt: number; readonly execution: number }
  /** Evaluate the expression, then append `condition_evaluated`. */
  | { readonly kind: 'evaluate'; readonly step: number; readonly condition: 'skip_when' | 'run_when'; readonly expression: string }
  /** Ask a running step to stop; append `step_cancelled` (or how else it ended). */
  | { readonly kind: 'cancel_step'; readonly step: number }
  /** The time of a wait for a child run or a remote step is over. */
  | { readonly kind: 'wake'; readonly step: number }
  /** Undo the step with its own retries, then append `step_undone`. */
  | { readonly kind: 'undo'; readonly step: number };

/** Either work for a shell, or an event that needs none and only has to be recorded. */
export type Decision = Work | { readonly kind: 'record'; readonly event: NewRunEvent };

/** What the run needs now. Changes nothing: asked twice it answers the same until an event is applied. */
export declare function decide(graph: Graph, state: RunState, now: number): Decision[];

export interface Move {
  /** To be journaled in this order; the state has them already. */
  readonly events: NewRunEvent[];
  /** Each piece is handed out once. */
  readonly work: Work[];
  /** When to call again at the latest, null for "after the next event". */
  readonly wakeAt: number | null;
}

/**
 * The worker's one call after each event: records all that needs no shell (skips spread in the same move, expiries,
 * timers, pause, completion), applies it, and hands out the work, each piece once. An empty move on a `waiting` or
 * `paused` state means that the run can be parked.
 */
export declare function advance(graph: Graph, state: RunState, now: number): Move;
