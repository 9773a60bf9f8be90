import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Retry } from '#lib/workflow/definition.ts';
import type { CallKind } from '#lib/workflow/graph.ts';
import type { ReadValue } from '#lib/workflow/read-values.ts';

/**
 * The closed union of what can happen to a run. A run *is* its events: status, outputs and every list column are
 * folded from them (`state.ts`), in the worker, in the API and in the browser alike.
 *
 * `seq` numbers events within the run from 1 without gaps. `at` is milliseconds since the epoch. `step` is a step key:
 * the id of a step, and inside a loop's iteration `each[3].fetch`.
 */
export interface EventBase {
  readonly seq: number;
  readonly at: number;
}
interface StepEventBase extends EventBase {
  readonly step: string;
  /**
   * Counts executions from 1; retries and take-overs included, a resume-from starts again at 1. 0 on the failure of a
   * step that never started (its condition failed, or it expired).
   */
  readonly attempt: number;
}

export interface RunError {
  /** Stable code such as HTTP_STATUS, STEP_TIMEOUT, SCRIPT_EXIT, CONDITION_EVALUATION_ERROR. */
  readonly code: string;
  readonly message: string;
  /** The step it came from, where it came from one. */
  readonly step?: string;
  /** JSON Pointer into the step, e.g. `/config/url`, where the fault has a place. */
  readonly path?: string;
  /** More of the cause: status code, response body, stderr, position in an expression. */
  readonly data?: Json;
}

export const SKIP_REASONS = ['not_taken', 'upstream', 'skip_when', 'run_when', 'disabled', 'cancelled', 'not_in_test'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export const WAIT_KINDS = ['timer', 'event', 'condition', 'approval', 'child', 'remote', 'code'] as const;
/** What a step may wait for, beside its next attempt. `code`: see `called-steps.ts`. */
export type WaitKind = (typeof WAIT_KINDS)[number];

export type RunEvent =
  | (EventBase & {
      readonly type: 'run_queued';
      readonly trigger: string;
      readonly version: number | null;
      /** What its start allows it to take, beside the definition's own limit. */
      readonly timeout_ms?: number;
    })
  | (EventBase & { readonly type: 'run_started' })
  /** `input` is the resolved config (secrets masked), absent where the config held no expression. */
  | (StepEventBase & { readonly type: 'step_started'; readonly input?: Json; readonly execution: number })
  | (StepEventBase & {
      readonly type: 'step_completed';
      readonly output: Json;
      readonly branch?: string;
      /** Number of the event from outside that it took. */
      readonly event?: number;
      readonly started_at: number;
    })
  | (StepEventBase & { readonly type: 'step_failed'; readonly error: RunError; readonly started_at: number | null })
  | (StepEventBase & {
      readonly type: 'step_retrying';
      readonly error: RunError;
      readonly started_at: number;
      /** When the next attempt is due. */
      readonly retry_at: number;
    })
  | (EventBase & { readonly type: 'step_skipped'; readonly step: string; readonly reason: SkipReason })
  | (EventBase & { readonly type: 'step_cancelled'; readonly step: string })
  /**
   * `go_on`: what it waited for has come, and it begins again. A `condition` that is due is asked. A `timer` that is due completes the step with `data` as output; a due `event` or `approval` takes the `timeout`
   * branch, or fails with WAIT_TIMEOUT where no edge takes it. `remote` before the step has started: it is queued.
   */
  | (StepEventBase & {
      readonly type: 'step_waiting';
      readonly kind: WaitKind | 'go_on';
      readonly wake_at: number | null;
      readonly data?: Json;
    })
  | (EventBase & {
      readonly type: 'condition_evaluated';
      readonly step: string;
      readonly condition: 'skip_when' | 'run_when' | 'while' | 'break_when';
      /** Of `while` and `break_when`: before or after which iteration of the loop it was asked. */
      readonly iteration?: number;
      readonly value?: boolean;
      readonly error?: RunError;
      /** What it read, for those who ask why; bounded, outputs of sensitive steps masked. */
      readonly read?: readonly ReadValue[];
    })
  /**
   * A step with a body begins its iterations: `items` was evaluated once (null: `while` is asked before each), at most
   * `limit` of them, `concurrency` at the same time. Which iteration begins when follows from the events.
   */
  | (StepEventBase & {
      readonly type: 'loop_opened';
      readonly items: readonly Json[] | null;
      readonly limit: number;
      readonly concurrency: number;
      readonly started_at: number;
    })
  /** Its iterations are cancelled, because it took too long or nobody waits for it any more (`cancel_rest`). */
  | (EventBase & { readonly type: 'loop_stopping'; readonly step: string; readonly reason: 'cancelled' | 'timeout' })
  /**
   * The code of the step `by` asked for a step that the definition does not have: from here on the run has it. `seen` are
   * the steps whose results the code has been given since it asked for the one before, in that order: with it a replay
   * goes the same way.
   */
  | (EventBase & {
      readonly type: 'step_called';
      readonly step: string;
      readonly by: string;
      readonly kind: CallKind;
      readonly name: string;
      /** How often the code has asked for this name, this time included. */
      readonly count: number;
      readonly step_type: string;
      readonly config: JsonObject;
      readonly retry?: Retry;
      readonly timeout_ms?: number;
      readonly seen: readonly string[];
    })
  | (StepEventBase & { readonly type: 'step_log'; readonly lines: readonly string[] })
  | (StepEventBase & { readonly type: 'step_progress'; readonly progress: number })
  | (StepEventBase & { readonly type: 'step_emitted'; readonly name: string; readonly data: Json })
  /** Taking back what it did begins. Only where that must not be repeated: if its worker dies now, nobody knows how it went. */
  | (StepEventBase & { readonly type: 'step_undoing' })
  | (StepEventBase & { readonly type: 'step_undone'; readonly error?: RunError })
  /**
   * What a wait asked while it waits has an answer: whether event number `event` fits it, or whether its condition holds
   * (that it does not is asked again and again, and not kept). An event on which the expression fails does not fit.
   */
  | (EventBase & {
      readonly type: 'wait_examined';
      readonly step: string;
      readonly event: number | null;
      readonly value?: boolean;
      readonly error?: RunError;
    })
  /** An event from outside. It is kept until a wait takes it. */
  | (EventBase & { readonly type: 'event_received'; readonly event_type: string; readonly payload: Json })
  | (EventBase & { readonly type: 'run_pausing'; readonly reason: 'request' | 'error' })
  | (EventBase & { readonly type: 'run_paused'; readonly reason: 'request' | 'error' })
  | (EventBase & { readonly type: 'run_resumed' })
  | (EventBase & { readonly type: 'run_cancelling'; readonly reason: 'request' | 'timeout' | 'limit'; readonly rollback?: boolean })
  | (EventBase & { readonly type: 'run_rolling_back' })
  | (EventBase & {
      readonly type: 'run_reopened';
      readonly kind: 'resume' | 'restart';
      readonly from_step: string | null;
      readonly reset: readonly string[];
      /** Present where it goes on with another version; null for the draft. */
      readonly version?: number | null;
    })
  /**
   * The run is a fork: the events of the steps it keeps follow, as if they had happened here. `changed`: those that were given
   * another output.
   */
  | (EventBase & {
      readonly type: 'run_forked';
      /** Wire id. */
      readonly from_run: string;
      readonly from_step: string | null;
      readonly kept: readonly string[];
      readonly changed: readonly string[];
    })
  /**
   * The run is a test: the ends of the steps that don't run in it follow, `pinned` and `reused` ones with the output they were
   * given. With a `target` it is about that step alone, and what that doesn't need is skipped as `not_in_test`.
   */
  | (EventBase & {
      readonly type: 'run_trial';
      readonly target: string | null;
      readonly pinned: readonly string[];
      readonly reused: readonly string[];
    })
  | (EventBase & {
      readonly type: 'run_completed';
      readonly status: 'completed' | 'failed' | 'cancelled';
      readonly output: Json;
      readonly error: RunError | null;
      readonly duration_seconds: number;
    });

export type RunEventType = RunEvent['type'];
/** An event before the journal has given it its number. */
export type NewRunEvent = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'seq'> : never) : never;

export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting',
  'pausing',
  'paused',
  'rolling_back',
  'completed',
  'failed',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const STEP_STATUSES = ['pending', 'queued', 'running', 'waiting', 'completed', 'failed', 'skipped', 'cancelled'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];
