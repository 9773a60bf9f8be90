import type { RunError } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { restOf } from './cancel-rest.ts';
import { type Decision, record, skip } from './decision.ts';
import { stepAt, verdictOf } from './spread.ts';
import type { RunState, StepState } from './state.ts';

/**
 * The questions that a step on the agenda is asked, in their order:
 * join → enabled → context ended → good_until → skip_when → run_when → start.
 */
export function askStep(state: RunState, index: number, now: number): Decision | null {
  const { step, at } = stepAt(state, index);
  if (at.taken !== null) return null;
  if (at.status === 'pending') return askPending(state, step, at, now);
  if (at.status === 'running') return at.lost ? afterCrash(state, step, at, now) : null;
  return at.waiting === null ? null : askDue(step, at, now);
}

function askPending(state: RunState, step: GraphStep, at: StepState, now: number): Decision | null {
  const verdict = verdictOf(state, step.index);
  if (verdict === 'wait') return null;
  if (verdict !== 'ready') return skip(step, verdict, now);
  if (!step.enabled) return skip(step, 'disabled', now);
  if (at.contextOpen > 0) return null;
  if (isExpired(step, now)) return fail(step, at, expired(step), now);
  if (at.conditionError !== null) return fail(step, at, at.conditionError, now);
  if (step.skipWhen !== null && at.skipWhen === null) {
    return { kind: 'evaluate', step: step.index, condition: 'skip_when', expression: step.skipWhen };
  }
  if (at.skipWhen === true) return skip(step, 'skip_when', now);
  if (step.runWhen !== null && at.runWhen === null) {
    return { kind: 'evaluate', step: step.index, condition: 'run_when', expression: step.runWhen };
  }
  if (at.runWhen === false) return skip(step, 'run_when', now);
  return start(step, at);
}

/** A step that was in flight when its worker died: what its type says about being repeated. */
function afterCrash(state: RunState, step: GraphStep, at: StepState, now: number): Decision {
  const joins = state.graph.steps.filter((other) => other.cancelRest && (state.steps[other.index]?.order ?? 0) > 0);
  if (joins.some((join) => restOf(state, join.index).includes(step.index)))
    return record({ type: 'step_cancelled', step: step.id, at: now });
  if (step.onCrash !== 'ask') return start(step, at);
  const message = 'The worker died while this step ran, so it may or may not have happened; it is not repeated by itself';
  return fail(step, at, { code: 'OUTCOME_UNKNOWN', message }, now);
}

/** What waited and is due. */
function askDue(step: GraphStep, at: StepState, now: number): Decision {
  const waiting = at.waiting?.kind;
  if (waiting === 'timer') return complete(step, at, null, now);
  if (waiting === 'event' || waiting === 'approval') {
    if (step.outgoing.some((edge) => edge.branch === 'timeout')) return complete(step, at, 'timeout', now);
    const what = waiting === 'event' ? 'event' : 'decision';
    return fail(step, at, { code: 'WAIT_TIMEOUT', message: `No ${what} came in time` }, now);
  }
  if ((waiting === 'retry' || at.status === 'queued') && isExpired(step, now)) return fail(step, at, expired(step), now);
  return waiting === 'retry' ? start(step, at) : { kind: 'wake', step: step.index };
}

function start(step: GraphStep, at: StepState): Decision {
  return { kind: 'start', step: step.index, attempt: at.attempt + 1, execution: at.execution };
}

function fail(step: GraphStep, at: StepState, error: RunError, now: number): Decision {
  return record({ type: 'step_failed', step: step.id, attempt: at.attempt, error, started_at: at.startedAt, at: now });
}

function complete(step: GraphStep, at: StepState, branch: string | null, now: number): Decision {
  const output = branch === null ? (at.waiting?.data ?? null) : null;
  const startedAt = at.startedAt ?? now;
  const base = { type: 'step_completed', step: step.id, attempt: at.attempt, output, started_at: startedAt, at: now } as const;
  return record(branch === null ? base : { ...base, branch });
}

function isExpired(step: GraphStep, now: number): boolean {
  return step.goodUntil !== null && now > step.goodUntil;
}

function expired(step: GraphStep): RunError {
  const limit = step.source.good_until ?? '';
  return { code: 'TASK_EXPIRED', message: `The step had to start by ${limit} and had not` };
}
