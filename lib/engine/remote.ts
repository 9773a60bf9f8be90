import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { NewRunEvent, RunError, WaitKind } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { isCutOff } from './cancel-rest.ts';
import { type CodeReport, closeCalls, codeReport, cutOffCalls } from './code-reports.ts';
import { isAway } from './counters.ts';
import type { Message } from './message.ts';
import { offered } from './remote-offer.ts';
import { afterFailure } from './retry.ts';
import { placeOf, stepAt } from './scope.ts';
import type { RunState, StepState } from './state.ts';
import { failed } from './wait-questions.ts';

/**
 * What the worker that executes a step for a run owned elsewhere reports, in this order. Times are milliseconds since the
 * epoch by its own clock; what is secret has been masked there.
 *
 *     started ─▶ (log | progress | emitted)* ─▶ ended
 *        └─────────────────────────────────────▶ lost     (its worker is gone: said by whoever found that out)
 *
 * Code also reports what it asks for and does, between its start and its end (`code-reports.ts`).
 */
export type RemoteReport =
  | { readonly kind: 'started'; readonly at: number; readonly input?: Json }
  | { readonly kind: 'log'; readonly at: number; readonly lines: readonly string[] }
  | { readonly kind: 'progress'; readonly at: number; readonly progress: number }
  | { readonly kind: 'emitted'; readonly at: number; readonly name: string; readonly data: Json }
  | { readonly kind: 'ended'; readonly at: number; readonly outcome: RemoteOutcome }
  | CodeReport
  | { readonly kind: 'lost' };

/** How an attempt ended there. */
export type RemoteOutcome =
  | { readonly kind: 'completed'; readonly output: Json; readonly branch?: string }
  | { readonly kind: 'wait'; readonly on: WaitKind; readonly until: number | null; readonly data: Json }
  | { readonly kind: 'failed'; readonly error: RunError; readonly retryable: boolean; readonly retryAfter?: number };

/** The events that a report leads to: the same that the step would have led to here. */
export function remoteReport(state: RunState, message: Message, now: number): NewRunEvent[] {
  const { step: key, token, payload } = message;
  const place = key === null ? undefined : placeOf(state, key);
  if (key === null || place === undefined || !isJsonObject(payload)) return [];
  const { step, at } = stepAt(place.scope, place.index);
  if (at.remote === null || at.remote !== token) return [];
  const report = readReport(payload);
  if (report.kind === 'started') return at.waiting?.kind === 'remote' ? [started(key, at, report)] : [];
  if (!isAway(at)) return [];
  const base = { step: key, attempt: at.attempt };
  switch (report.kind) {
    case 'log':
      return [{ ...base, type: 'step_log', lines: report.lines, at: report.at }];
    case 'progress':
      return [{ ...base, type: 'step_progress', progress: report.progress, at: report.at }];
    case 'emitted':
      return [{ ...base, type: 'step_emitted', name: report.name, data: report.data, at: report.at }];
    case 'ended':
      return [...closeCalls(place, report.outcome, report.at), ended(step, key, at, report.outcome, report.at)];
    case 'lost':
      if (state.cancel !== null || isCutOff(place.scope, place.index)) return [{ type: 'step_cancelled', step: key, at: now }];
      return [...cutOffCalls(place, now), afterLoss(step, key, at, now)];
    case 'called':
    case 'inner':
      return codeReport(state, place, report);
  }
}

/** Reports are written by the worker room alone (`RemoteStep`, and `free_remote` in the database), so they are not checked again. */
function readReport(payload: JsonObject): RemoteReport {
  return payload as unknown as RemoteReport;
}

function started(key: string, at: StepState, report: Extract<RemoteReport, { kind: 'started' }>): NewRunEvent {
  const { at: startedAt, input } = report;
  const base = { type: 'step_started', step: key, attempt: at.attempt + 1, execution: at.execution, at: startedAt } as const;
  return input === undefined ? base : { ...base, input };
}

function ended(step: GraphStep, key: string, at: StepState, outcome: RemoteOutcome, endedAt: number): NewRunEvent {
  const startedAt = at.startedAt ?? endedAt;
  const base = { step: key, attempt: at.attempt, at: endedAt };
  switch (outcome.kind) {
    case 'completed': {
      const { output, branch } = outcome;
      const completed = { ...base, type: 'step_completed', output: output ?? null, started_at: startedAt } as const;
      return branch === undefined ? completed : { ...completed, branch };
    }
    case 'wait':
      return { ...base, type: 'step_waiting', kind: outcome.on, wake_at: outcome.until, data: outcome.data };
    case 'failed': {
      const { retryable, retryAfter } = outcome;
      const error = { ...outcome.error, step: key };
      // Chance spreads retries that would come together; the moment of the end is chance enough.
      const chance = (endedAt % 1000) / 1000;
      return afterFailure(step, at, { step: key, attempt: at.attempt, startedAt, endedAt, error, retryable, retryAfter }, chance);
    }
  }
}

/** A step that ends its workers again and again is given up. More than for a run, because others die with it without a fault. */
const MAX_LOSSES = 10;

/** Its worker died: it is offered again, with the same idempotency key and no attempt used up, or fails where that is not allowed. */
function afterLoss(step: GraphStep, key: string, at: StepState, now: number): NewRunEvent {
  const token = `${at.remote}+`;
  if (step.onCrash !== 'ask') {
    if (!token.endsWith('+'.repeat(MAX_LOSSES))) return offered(step, key, at.attempt + 1, token, now);
    const ends = `Its worker died ${MAX_LOSSES} times while it executed this step`;
    return failed(key, at, { code: 'STEP_POISONED', message: ends, step: key }, now);
  }
  const message = 'The worker died while this step ran, so it may or may not have happened; it is not repeated by itself';
  return failed(key, at, { code: 'OUTCOME_UNKNOWN', message, step: key }, now);
}
