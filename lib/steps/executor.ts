import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import type { ChildPlan, ChildStart, ChildWish } from '#lib/engine/child-plan.ts';
import type { RunError, WaitKind } from '#lib/engine/events.ts';
import type { AgentSettings } from './agent-task/settings.ts';

/** What a step's work is given beside its resolved config. */
export interface StepContext {
  readonly runId: string;
  readonly workflowId: string;
  readonly workspaceId: string;
  readonly stepKey: string;
  /** From 1. */
  readonly attempt: number;
  /** Milliseconds since the epoch at which this attempt began. */
  readonly startedAt: number;
  /** Stays the same over retries and take-overs, changes with a deliberate re-run. Sent as `Idempotency-Key`. */
  readonly idempotencyKey: string;
  /** Aborted on cancel, timeout and loss of the run; the executor must stop soon after. */
  readonly signal: AbortSignal;
  /** Milliseconds this attempt may take, null for no limit. */
  readonly timeout: number | null;
  /** What a script reads on stdin: the run's input, the step's args, the steps upstream. */
  readonly scope: {
    readonly input: Json;
    readonly args: Json;
    readonly steps: Json;
    /** In an iteration of a loop: its item and number, and those of the loop around it. */
    readonly item?: Json;
    readonly index?: number;
    readonly outer?: Json;
  };
  /** `fetch` that refuses addresses the egress rules forbid, at connect time and on each redirect. */
  readonly fetch: typeof fetch;
  /**
   * The value of a secret of the workspace, or why there is none. From here on it is hidden in all that the step lets be
   * seen: logs, events, output, error.
   */
  secret(name: string): Promise<{ readonly value: string } | { readonly error: RunError }>;
  /** A value as it may be shown: without the secrets that the step has read. */
  hideSecrets<T extends Json>(value: T): T;
  /** An agent of the workspace by id or name, or null. */
  agent(idOrName: string): Promise<AgentSettings | null>;
  /** What is wrong with a value by a JSON Schema; empty where it fits. */
  checkSchema(schema: JsonObject, value: Json): readonly Problem[];
  /** As `emit`; resolves when the event is durable. Rejects when the step is stopped before. */
  record(name: string, data: Json): Promise<void>;
  /** What this step has emitted and recorded so far, earlier attempts and executions included. */
  recorded(): Promise<readonly { readonly name: string; readonly data: Json }[]>;
  /** Runs of other workflows. */
  readonly runs: ChildRuns;
  log(line: string): void;
  progress(share: number): void;
  emit(name: string, data: Json): void;
}

export interface ChildRuns {
  /** Checks the wish and pins it down. Nothing is started: an outcome that waits for a `child` starts the one it names. */
  plan(wish: ChildWish): Promise<ChildPlan>;
  /** Starts a planned run that nobody waits for; once for each execution of the step. */
  start(child: JsonObject): Promise<ChildStart>;
}

/** How one attempt ended, or what it now waits for. */
export type StepOutcome =
  | { readonly kind: 'completed'; readonly output: Json; readonly branch?: string }
  /**
   * Wait, with no process holding anything. `until` is when it is woken by itself, null for never: a `timer` then completes
   * with `data`, a `condition` is asked, the others have run out of time. `data` says what is awaited.
   */
  | { readonly kind: 'wait'; readonly on: WaitKind; readonly until: number | null; readonly data: Json }
  /** `retryAfter`: milliseconds that the other side asks to be left alone; the next attempt waits so long, up to the policy's longest delay. */
  /** Of a type with a body: the engine runs it once for each item, or at most `limit` times while its condition holds (items null). */
  | { readonly kind: 'iterate'; readonly items: readonly Json[] | null; readonly limit: number; readonly concurrency: number }
  | { readonly kind: 'failed'; readonly error: RunError; readonly retryable: boolean; readonly retryAfter?: number };

/**
 * The work of a step type. `config` has passed `StepDefinition.config.resolved`. A pure type answers at once, without a
 * promise. What is thrown counts as a retryable failure with code STEP_ERROR.
 */
export type StepExecutor<Config = never> = (config: Config, context: StepContext) => StepOutcome | Promise<StepOutcome>;
