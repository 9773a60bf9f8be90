import type { RunError } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { isWantedAgain } from './called-steps.ts';
import { isCutOff } from './cancel-rest.ts';
import { type Decision, record, skip } from './decision.ts';
import { keyOf, stepAt } from './scope.ts';
import { verdictOf } from './spread.ts';
import type { Scope, StepState, Waiting } from './state.ts';
import { askWait } from './wait-questions.ts';

/**
 * The questions that a step on the agenda is asked, in their order:
 * join → enabled → context ended → good_until → skip_when → run_when → start.
 */
export function askStep(scope: Scope, index: number, now: number): Decision | null {
  const { step, at } = stepAt(scope, index);
  if (at.taken !== null) return null;
  if (at.status === 'pending') return askPending(scope, step, at, now);
  if (at.status === 'running') return at.lost ? afterCrash(scope, step, at, now) : null;
  return at.waiting === null ? null : askDue(scope, step, at, at.waiting, now);
}

function askPending(scope: Scope, step: GraphStep, at: StepState, now: number): Decision | null {
  const key = keyOf(scope, step.index);
  const verdict = verdictOf(scope, step.index);
  if (verdict === 'wait') return null;
  if (verdict !== 'ready') return skip(key, verdict, now);
  if (!step.enabled) return skip(key, 'disabled', now);
  if (at.contextOpen > 0) return null;
  if (isExpired(step, now)) return fail(key, at, expired(step), now);
  if (at.conditionError !== null) return fail(key, at, at.conditionError, now);
  if (step.skipWhen !== null && at.skipWhen === null) {
    return { kind: 'evaluate', step: key, condition: 'skip_when', expression: step.skipWhen };
  }
  if (at.skipWhen === true) return skip(key, 'skip_when', now);
  if (step.runWhen !== null && at.runWhen === null) {
    return { kind: 'evaluate', step: key, condition: 'run_when', expression: step.runWhen };
  }
  if (at.runWhen === false) return skip(key, 'run_when', now);
  return start(key, at);
}

/** A step that was in flight when its worker died: what its type says about being repeated. */
function afterCrash(scope: Scope, step: GraphStep, at: StepState, now: number): Decision {
  const key = keyOf(scope, step.index);
  if (isCutOff(scope, step.index)) return record({ type: 'step_cancelled', step: key, at: now });
  if (step.onCrash !== 'ask') return start(key, at);
  const message = 'The worker died while this step ran, so it may or may not have happened; it is not repeated by itself';
  return fail(key, at, { code: 'OUTCOME_UNKNOWN', message }, now);
}

/** What waits and may go on: the next attempt, what runs elsewhere, or what the step itself waits for. */
function askDue(scope: Scope, step: GraphStep, at: StepState, waiting: Waiting, now: number): Decision | null {
  const key = keyOf(scope, step.index);
  if ((waiting.kind === 'retry' || waiting.kind === 'remote') && isExpired(step, now)) return fail(key, at, expired(step), now);
  if (waiting.kind === 'code') return step.call === null && isWantedAgain(scope, step.index) ? start(key, at) : null;
  // Its code takes it up.
  if (waiting.kind === 'retry' && step.call !== null) {
    return record({ type: 'step_waiting', step: key, attempt: at.attempt, kind: 'code', wake_at: null, at: now });
  }
  if (waiting.kind === 'retry' || waiting.kind === 'go_on') return start(key, at);
  if (waiting.kind === 'child') return fail(key, at, tooSlow(step), now);
  if (waiting.kind === 'remote') return { kind: 'wake', step: key };
  return askWait(scope, step, at, waiting, now);
}

function start(key: string, at: StepState): Decision {
  return { kind: 'start', step: key, attempt: at.attempt + 1, execution: at.execution };
}

function fail(key: string, at: StepState, error: RunError, now: number): Decision {
  return record({ type: 'step_failed', step: key, attempt: at.attempt, error, started_at: at.startedAt, at: now });
}

function tooSlow(step: GraphStep): RunError {
  return { code: 'STEP_TIMEOUT', message: `The step took longer than ${(step.timeout ?? 0) / 1000} s` };
}

function isExpired(step: GraphStep, now: number): boolean {
  return step.goodUntil !== null && now > step.goodUntil;
}

function expired(step: GraphStep): RunError {
  const limit = step.source.good_until ?? '';
  return { code: 'TASK_EXPIRED', message: `The step had to start by ${limit} and had not` };
}
