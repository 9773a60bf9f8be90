import { isIterating } from './counters.ts';
import { type Decision, record, skip } from './decision.ts';
import type { LoopState } from './loop-state.ts';
import { isSettled } from './readiness.ts';
import { keyOf, stepAt } from './scope.ts';
import type { Scope, StepState } from './state.ts';

/**
 * `cancel_rest`: once an any or quorum join starts, the steps that have not ended and whose every path leads to this
 * join alone. The scope's output step and what a success policy requires are left alone.
 */
export function restOf(scope: Scope, join: number): number[] {
  const { graph } = scope;
  const policy = graph.definition.success_policy?.cases.flatMap((one) => one.required) ?? [];
  const kept = new Set([...policy, graph.definition.output ?? '']);
  const rest = new Set<number>();
  const asked = stepAt(scope, join).step.incoming.map((edge) => edge.from);
  for (let index = asked.pop(); index !== undefined; index = asked.pop()) {
    const { step, at } = stepAt(scope, index);
    if (rest.has(index) || (isSettled(at.status) && !wasCancelled(at)) || kept.has(step.id)) continue;
    if (!step.outgoing.every((edge) => edge.to === join || rest.has(edge.to))) continue;
    rest.add(index);
    for (const edge of step.incoming) asked.push(edge.from);
  }
  return [...rest].sort((a, b) => a - b);
}

/** After a crash half of the rest may have been ended before: the walk goes on through it. */
function wasCancelled(at: StepState): boolean {
  return at.status === 'cancelled' || at.skipReason === 'cancelled';
}

/** True for a step that a `cancel_rest` of its scope has cut off: its join has started. */
export function isCutOff(scope: Scope, index: number): boolean {
  return cutOffBy(scope, index) !== null;
}

/** Id of the join that has started and by its `cancel_rest` needs this step no more; null where there is none. */
export function cutOffBy(scope: Scope, index: number): string | null {
  const joins = scope.graph.steps.filter((other) => other.cancelRest && (scope.steps[other.index]?.order ?? 0) > 0);
  return joins.find((join) => restOf(scope, join.index).includes(index))?.id ?? null;
}

/** Ends every step of a scope early. */
export function cancelAll(scope: Scope, now: number): Decision[] {
  return scope.graph.steps.flatMap((step) => cancelStep(scope, step.index, now));
}

/**
 * Ends one step early: what has not started is skipped, what waits is cancelled, what runs is asked to stop, what
 * iterates ends with its iterations.
 */
export function cancelStep(scope: Scope, index: number, now: number): Decision[] {
  const { at } = stepAt(scope, index);
  if (isSettled(at.status) || at.stopping) return [];
  const key = keyOf(scope, index);
  if (at.loop !== null && isIterating(at)) return cancelIterations(scope, key, at.loop, now);
  if (at.taken === 'start' || (at.status === 'running' && !at.lost)) return [{ kind: 'cancel_step', step: key }];
  if (at.status === 'pending' || at.status === 'queued') return [skip(key, 'cancelled', now)];
  return [record({ type: 'step_cancelled', step: key, at: now })];
}

function cancelIterations(scope: Scope, key: string, loop: LoopState, now: number): Decision[] {
  if (scope.root.cancel === null) {
    return loop.closing === null ? [record({ type: 'loop_stopping', step: key, reason: 'cancelled', at: now })] : [];
  }
  if (loop.open === 0) return [record({ type: 'step_cancelled', step: key, at: now })];
  return loop.iterations.filter((one) => one.status === 'running').flatMap((one) => cancelAll(one, now));
}
