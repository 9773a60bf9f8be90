import type { Json, JsonObject } from '#lib/base/json.ts';
import type { NewRunEvent, RunError } from '#lib/engine/events.ts';
import type { Retry } from '#lib/workflow/definition.ts';
import type { CallKind, GraphStep } from '#lib/workflow/graph.ts';
import { callsOf } from './called-steps.ts';
import { isSettled } from './readiness.ts';
import { afterFailure } from './retry.ts';
import { keyOf, type Place, stepAt } from './scope.ts';
import type { RunState, Scope, StepState } from './state.ts';

/** What the executor of a step's code reports of the steps that the code asks for. A report that comes twice says nothing new. */
export type CodeReport =
  | { readonly kind: 'called'; readonly at: number; readonly call: NewCall }
  | { readonly kind: 'inner'; readonly at: number; readonly step: string; readonly report: InnerReport };

export interface NewCall {
  /** Its id, without the prefix of its scope. */
  readonly step: string;
  readonly kind: CallKind;
  readonly name: string;
  readonly count: number;
  readonly stepType: string;
  readonly config: JsonObject;
  readonly retry?: Retry;
  readonly timeout?: number;
  readonly seen: readonly string[];
  /** What it waits for by itself. */
  readonly wait?: { readonly on: 'timer' | 'event'; readonly until: number | null; readonly data: Json };
}

export type InnerReport =
  | { readonly kind: 'started'; readonly attempt: number }
  | { readonly kind: 'log'; readonly lines: readonly string[] }
  | { readonly kind: 'progress'; readonly progress: number }
  | { readonly kind: 'completed'; readonly attempt: number; readonly output: Json }
  | { readonly kind: 'failed'; readonly attempt: number; readonly error: RunError; readonly retryable: boolean };

/** The events of a report about a step of running code. */
export function codeReport(state: RunState, place: Place, report: CodeReport): NewRunEvent[] {
  if (state.cancel !== null) return [];
  return report.kind === 'called' ? called(place, report.call, report.at) : inner(place, report);
}

function called({ scope, index }: Place, call: NewCall, at: number): NewRunEvent[] {
  const { step: id, kind, name, count, stepType, config, retry, timeout, seen, wait } = call;
  const known = scope.graph.byId.get(id);
  if (known?.call?.by === index) return [];
  const by = keyOf(scope, index);
  if (known !== undefined) return [...closeAll(scope, index, at), taken(by, stepAt(scope, index).at, id, at)];
  const step = scope.prefix + id;
  const event: NewRunEvent = {
    ...{ type: 'step_called', step, by, kind, name, count, step_type: stepType, config, seen, at },
    ...(retry === undefined ? {} : { retry }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
  };
  if (wait === undefined) return [event];
  return [event, { type: 'step_waiting', step, attempt: 1, kind: wait.on, wake_at: wait.until, data: wait.data, at }];
}

function taken(step: string, at: StepState, id: string, now: number): NewRunEvent {
  const error = { code: 'STEP_NAME_TAKEN', message: `The code asked for a step '${id}', and the workflow has another of that id`, step };
  return { type: 'step_failed', step, attempt: at.attempt, error, started_at: at.startedAt, at: now };
}

function inner({ scope, index }: Place, { step: id, report, at: said }: Extract<CodeReport, { kind: 'inner' }>): NewRunEvent[] {
  const step = scope.graph.byId.get(id);
  if (step?.call?.by !== index) return [];
  const { at } = stepAt(scope, step.index);
  const key = keyOf(scope, step.index);
  // Reports take different times to come: nothing ends before it began.
  const now = at.status === 'running' ? Math.max(said, at.startedAt ?? said) : said;
  if (report.kind === 'started') {
    const idle = at.status === 'pending' || at.waiting?.kind === 'code';
    if (!idle || report.attempt !== at.attempt + 1) return [];
    return [{ type: 'step_started', step: key, attempt: report.attempt, execution: at.execution, input: step.config, at: now }];
  }
  if (at.status !== 'running') return [];
  const base = { step: key, attempt: at.attempt, at: now };
  switch (report.kind) {
    case 'log':
      return [{ ...base, type: 'step_log', lines: report.lines }];
    case 'progress':
      return [{ ...base, type: 'step_progress', progress: report.progress }];
    default:
      return report.attempt === at.attempt ? [ended(step, key, at, report, now)] : [];
  }
}

type Ended = Extract<InnerReport, { kind: 'completed' | 'failed' }>;

function ended(step: GraphStep, key: string, at: StepState, report: Ended, now: number): NewRunEvent {
  const startedAt = at.startedAt ?? now;
  if (report.kind === 'completed') {
    return { type: 'step_completed', step: key, attempt: at.attempt, output: report.output, started_at: startedAt, at: now };
  }
  const { retryable } = report;
  const failed = { step: key, attempt: at.attempt, startedAt, endedAt: now, error: { ...report.error, step: key }, retryable };
  return afterFailure(step, at, failed, (now % 1000) / 1000);
}

/** The code has ended: nobody waits any more for what it asked for and is still open. Where it is parked, nothing ends. */
export function closeCalls({ scope, index }: Place, outcome: { readonly kind: string }, now: number): NewRunEvent[] {
  return outcome.kind === 'wait' ? cutOffCalls({ scope, index }, now) : closeAll(scope, index, now);
}

function closeAll(scope: Scope, index: number, now: number): NewRunEvent[] {
  return callsOf(scope, index).flatMap((step): NewRunEvent[] => {
    const { at } = stepAt(scope, step.index);
    const key = keyOf(scope, step.index);
    if (isSettled(at.status)) return [];
    if (at.status === 'pending') return [{ type: 'step_skipped', step: key, reason: 'cancelled', at: now }];
    return [{ type: 'step_cancelled', step: key, at: now }];
  });
}

/** Nobody executes the code any more: what it had under way is to be taken up again, with no attempt used up. */
export function cutOffCalls({ scope, index }: Place, now: number): NewRunEvent[] {
  return callsOf(scope, index).flatMap((step): NewRunEvent[] => {
    const { at } = stepAt(scope, step.index);
    if (at.status !== 'running') return [];
    const key = keyOf(scope, step.index);
    return [{ type: 'step_waiting', step: key, attempt: at.attempt, kind: 'code', wake_at: null, data: { lost: true }, at: now }];
  });
}
