import { isSettled } from './readiness.ts';
import { stepAt } from './scope.ts';
import type { Scope, StepState } from './state.ts';

/** What a run counts of its steps, in all scopes: how many are in flight, wait, have ended. */

/** True while the step's iterations do its work: nobody executes the step itself. */
export function isIterating(at: StepState): boolean {
  return at.status === 'running' && at.loop !== null;
}

/** True while another worker executes it. */
export function isAway(at: StepState): boolean {
  return at.status === 'running' && at.remote !== null;
}

function isInFlight(at: StepState): boolean {
  return at.taken !== null || (at.status === 'running' && !at.lost && at.loop === null);
}

/** Counts a step in or out, before and after a change. */
export function count(scope: Scope, at: StepState, by: 1 | -1): void {
  if (isInFlight(at)) scope.root.inFlight += by;
  if (isAway(at)) scope.root.away += by;
  if (at.status === 'waiting' || at.status === 'queued') scope.root.waiting += by;
  if (isSettled(at.status)) scope.settled += by;
}

/** Changes what is no status, keeping the counters right. */
export function mark(scope: Scope, index: number, marks: Partial<Pick<StepState, 'taken' | 'lost' | 'stopping' | 'loop'>>): void {
  const { at } = stepAt(scope, index);
  count(scope, at, -1);
  Object.assign(at, marks);
  count(scope, at, 1);
}
