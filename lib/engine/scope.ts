import type { GraphStep } from '#lib/workflow/graph.ts';
import { idOfKey, turnsOfKey } from '#lib/workflow/step-key.ts';
import type { RunState, Scope, StepState } from './state.ts';

/** Where a step is: its scope and its index there. Work and events name it by its key. */
export interface Place {
  readonly scope: Scope;
  readonly index: number;
}

/** At an index: the graph's step and the state's, which always exist together. */
export function stepAt(scope: Scope, index: number): { readonly step: GraphStep; readonly at: StepState } {
  const step = scope.graph.steps[index];
  const at = scope.steps[index];
  if (step === undefined || at === undefined) throw new RangeError(`No step ${index} in this graph`);
  return { step, at };
}

/** The key of a step, as work and events name it. */
export function keyOf(scope: Scope, index: number): string {
  return scope.prefix + stepAt(scope, index).step.id;
}

/** The scope that a key's step is in, undefined where there is none (yet). */
export function scopeOfKey(state: RunState, key: string): Scope | undefined {
  if (!key.includes('[')) return state;
  let scope: Scope | undefined = state;
  for (const { loop, iteration } of turnsOfKey(key) ?? []) {
    const step: GraphStep | undefined = scope?.graph.byId.get(loop);
    scope = step === undefined ? undefined : scope?.steps[step.index]?.loop?.iterations[iteration];
  }
  return scope;
}

/** The place that a key names, undefined where there is no such step (yet). */
export function placeOf(state: RunState, key: string): Place | undefined {
  const scope = scopeOfKey(state, key);
  const index = scope?.graph.byId.get(idOfKey(key))?.index;
  return scope === undefined || index === undefined ? undefined : { scope, index };
}

/** The run's step of that key, inside loops too. */
export function stepState(state: RunState, key: string): StepState | undefined {
  const place = placeOf(state, key);
  return place?.scope.steps[place.index];
}

/** Puts a step on the agenda of its scope. */
export function enlist(scope: Scope, index: number): void {
  scope.agenda.add(index);
  scope.root.busy.add(scope);
}

/** Takes a step off the agenda of its scope. */
export function strike(scope: Scope, index: number): void {
  if (scope.agenda.delete(index) && scope.agenda.size === 0) scope.root.busy.delete(scope);
}
