import type { Json } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { Body } from '#lib/workflow/graph.ts';
import type { ReadValue } from '#lib/workflow/read-values.ts';
import type { Scope } from './state.ts';

/** How far a step with a body is: which iterations have begun, and what keeps more from beginning. */
export interface LoopState {
  readonly body: Body;
  /** Evaluated once; null where `while` is asked before each iteration. */
  readonly items: readonly Json[] | null;
  /** No more iterations than this. */
  readonly limit: number;
  /** At most so many at the same time. */
  readonly concurrency: number;
  readonly openedAt: number;
  /** When it has taken too long, null for no limit; stands still while the run is paused. */
  deadline: number | null;
  /** Those that have begun, by number. */
  readonly iterations: Iteration[];
  /** Iterations whose steps have not all ended. */
  open: number;
  /** No further iteration begins; those under way go on. */
  stopped: boolean;
  /** The answer that stopped it, null where none did. */
  stoppedBy: LoopStop | null;
  /** Those under way are cancelled too, and this is how the loop ends. */
  closing: LoopClosing | null;
  /** What `while` and `break_when` are asked, by the number of the iteration. */
  readonly questions: Map<number, LoopQuestion>;
}

export type LoopClosing =
  | { readonly reason: 'failed'; readonly error: RunError }
  /** `any` and `race`: this iteration decided. */
  | { readonly reason: 'won'; readonly iteration: number }
  | { readonly reason: 'cancelled' | 'timeout' };

export interface LoopStop {
  readonly condition: 'while' | 'break_when';
  readonly iteration: number;
  readonly read: readonly ReadValue[];
}

export interface LoopQuestion {
  readonly condition: 'while' | 'break_when';
  /** A shell of this process evaluates it. Not part of the journal. */
  taken: boolean;
}

/** One iteration: a run of the body's graph. */
export interface Iteration extends Scope {
  readonly outer: Scope;
  /** Graph index of its loop in `outer`. */
  readonly loop: number;
  readonly number: number;
  /** With `while`: what the iteration before resulted in, null in the first. */
  readonly item: Json;
  readonly startedAt: number;
  endedAt: number | null;
  status: 'running' | 'completed' | 'failed' | 'cancelled';
  /** Null unless it completed. */
  output: Json;
}
