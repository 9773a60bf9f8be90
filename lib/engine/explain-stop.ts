import { isJsonObject } from '#lib/base/json.ts';
import { cutOffBy } from './cancel-rest.ts';
import { isIteration } from './loop.ts';
import type { Iteration } from './loop-state.ts';
import { stepAt } from './scope.ts';
import type { RunState, Scope } from './state.ts';

/** Why a step was ended early, or never begun, as `because …`. */
export function stopReason(scope: Scope, index: number): string {
  const join = cutOffBy(scope, index);
  if (join !== null) return `because ${join} had started and needs it no more (cancel_rest)`;
  const byLoop = isIteration(scope) ? loopReason(scope) : null;
  return byLoop ?? cancelReason(scope.root);
}

/** Why a run was, or is being, cancelled, as `because …`. */
export function cancelReason({ cancel, error, graph }: RunState): string {
  switch (cancel?.reason) {
    case 'request':
      return 'because the run was cancelled on request';
    case 'timeout':
      return 'because the run took longer than it may';
    case 'limit':
      return `because the run has more than the ${graph.maxSteps} steps that it may have`;
    default:
      return error === null ? 'because the run ended' : `because the run ended: ${error.message}`;
  }
}

/** The loop of an iteration has ended it; null where something else did. */
function loopReason({ outer, loop: index }: Iteration): string | null {
  const { step, at } = stepAt(outer, index);
  const closing = at.loop?.closing ?? null;
  switch (closing?.reason) {
    case 'won':
      return `because iteration ${closing.iteration} of ${step.id} completed first`;
    case 'failed': {
      const number = isJsonObject(closing.error.data ?? null) ? (closing.error.data as { iteration?: unknown }).iteration : undefined;
      return typeof number === 'number'
        ? `because iteration ${number} of ${step.id} failed`
        : `because a condition of ${step.id} could not be evaluated`;
    }
    case 'timeout':
      return `because ${step.id} took longer than its timeout`;
    case 'cancelled':
      return stopReason(outer, index);
    default:
      return null;
  }
}
