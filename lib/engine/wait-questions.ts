import { isJsonObject } from '#lib/base/json.ts';
import type { NewRunEvent, RunError } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { mark } from './counters.ts';
import { type Decision, record } from './decision.ts';
import { offerFor } from './event-buffer.ts';
import { enlist, keyOf, placeOf } from './scope.ts';
import type { RunState, Scope, StepState, Waiting } from './state.ts';
import { pushTimer } from './timers.ts';

/** What a step is asked that waits for a time, an event, a condition or a decision. Null: there is nothing to do yet. */
export function askWait(scope: Scope, step: GraphStep, at: StepState, waiting: Waiting, now: number): Decision | null {
  const key = keyOf(scope, step.index);
  switch (waiting.kind) {
    case 'timer':
      return isDue(waiting, now) ? record(completed(key, at, waiting.data, now)) : null;
    case 'event':
      return askEvent(scope, step, at, now) ?? askTime(key, step, at, waiting, 'event', now);
    case 'approval':
      return askTime(key, step, at, waiting, 'decision', now);
    case 'condition':
      return askCondition(key, step, at, waiting, now);
    default:
      return null;
  }
}

function isDue(waiting: Waiting, now: number): boolean {
  return waiting.wakeAt !== null && now >= waiting.wakeAt;
}

/** The time of a wait is over: the timeout branch where an edge takes it, else a failure. */
function askTime(key: string, step: GraphStep, at: StepState, waiting: Waiting, what: string, now: number): Decision | null {
  if (!isDue(waiting, now)) return null;
  return record(takesBranch(step, 'timeout') ? completed(key, at, null, now, 'timeout') : failed(key, at, timeoutError(what), now));
}

function askEvent(scope: Scope, step: GraphStep, at: StepState, now: number): Decision | null {
  const key = keyOf(scope, step.index);
  const offer = offerFor(scope.root, key, at);
  if (offer === null) return null;
  const { event, match } = offer;
  if (match !== null) return { kind: 'examine', step: key, expression: match, event };
  const output = { event_type: event.type, payload: event.payload, received_at: new Date(event.at).toISOString() };
  return record({ ...completed(key, at, output, now, 'received'), event: event.nr });
}

function askCondition(key: string, step: GraphStep, at: StepState, waiting: Waiting, now: number): Decision | null {
  if (at.conditionError !== null) return record(failed(key, at, at.conditionError, now));
  if (waiting.met) return record(completed(key, at, { waited_until: new Date(now).toISOString() }, now, 'met'));
  if (!isDue(waiting, now)) return null;
  const { condition, until } = conditionOf(waiting);
  // A last look is taken when the time is over, and one after each take-over: only then is it known not to hold.
  if (waiting.looked && until !== null && now >= until) return askTime(key, step, at, waiting, 'yes of the condition', now);
  return { kind: 'examine', step: key, expression: condition, event: null };
}

/**
 * The condition of a wait was asked and does not hold: it is asked again after its interval. Nothing of it is journaled, or
 * a wait for months would fill the journal; whoever takes over asks at once.
 */
export function lookAgain(state: RunState, key: string, now: number): void {
  const place = placeOf(state, key);
  const at = place?.scope.steps[place.index];
  if (place === undefined || at === undefined || at.waiting?.kind !== 'condition') return;
  mark(place.scope, place.index, { taken: null });
  const { every, until } = conditionOf(at.waiting);
  // On the grid of its beginning, so that the time the answer takes does not add up.
  const next = at.waiting.since + Math.ceil((now + 1 - at.waiting.since) / every) * every;
  const wakeAt = until === null ? next : Math.min(next, Math.max(until, now));
  at.waiting = { ...at.waiting, wakeAt, looked: true };
  if (wakeAt <= now) enlist(place.scope, place.index);
  else pushTimer(state.timers, { at: wakeAt, scope: place.scope, step: place.index });
}

function conditionOf(waiting: Waiting): { condition: string; every: number; until: number | null } {
  const data = isJsonObject(waiting.data) ? waiting.data : {};
  return {
    condition: typeof data.condition === 'string' ? data.condition : 'false',
    every: typeof data.every === 'number' && data.every > 0 ? data.every : 60_000,
    until: typeof data.until === 'number' ? data.until : null,
  };
}

/** True where an edge leads away on this branch. */
export function takesBranch(step: GraphStep, branch: string): boolean {
  return step.outgoing.some((edge) => edge.branch === branch);
}

function timeoutError(what: string): RunError {
  return { code: 'WAIT_TIMEOUT', message: `No ${what} came in time` };
}

/** The end of a wait. */
export function completed(
  key: string,
  at: StepState,
  output: Waiting['data'],
  now: number,
  branch?: string,
): Extract<NewRunEvent, { type: 'step_completed' }> {
  const ended = { type: 'step_completed', step: key, attempt: at.attempt, output, started_at: at.startedAt ?? now, at: now } as const;
  return branch === undefined ? ended : { ...ended, branch };
}

export function failed(key: string, at: StepState, error: RunError, now: number): Extract<NewRunEvent, { type: 'step_failed' }> {
  return { type: 'step_failed', step: key, attempt: at.attempt, error, started_at: at.startedAt, at: now };
}
