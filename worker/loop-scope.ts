import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Evaluation } from '#lib/engine/decision.ts';
import { isIteration } from '#lib/engine/loop.ts';
import type { LoopState } from '#lib/engine/loop-state.ts';
import type { Scope } from '#lib/engine/state.ts';
import { type PreparedStep, upstreamOf } from './prepared-step.ts';

/** Ids of all steps that a step may read: those before it, and in an iteration those before its loop, and so on outwards. */
export function visibleSteps(scope: Scope, { upstream }: PreparedStep): readonly string[] {
  return isIteration(scope) ? [...upstream, ...stepsOutside(scope)] : upstream;
}

function stepsOutside(scope: Scope): string[] {
  const ids: string[] = [];
  for (let at = scope; isIteration(at); at = at.outer) {
    const step = at.outer.graph.steps[at.loop];
    if (step !== undefined) ids.push(...upstreamOf(at.outer.graph, step));
  }
  return ids;
}

/** The scope, from this one outwards, that has a step of this id; inner ones first. */
export function scopeWith(scope: Scope, id: string): Scope | undefined {
  for (let at = scope; ; at = at.outer) {
    if (at.graph.byId.has(id)) return at;
    if (!isIteration(at)) return undefined;
  }
}

/** `item`, `index` and `outer` as the expressions of an iteration see them; nothing outside of loops. */
export function iterationValues(scope: Scope): { readonly item?: Json; readonly index?: number; readonly outer?: Json } {
  if (!isIteration(scope)) return {};
  const around = iterationValues(scope.outer);
  return { item: scope.item, index: scope.number, ...(isIteration(scope.outer) ? { outer: around as JsonObject } : {}) };
}

/** What a `while` or `break_when` of a loop sees: the steps by id, and the iteration. */
export function questionScope(scope: Scope, loop: LoopState, { condition, iteration: number = 0 }: Evaluation) {
  const iteration = loop.iterations[number];
  if (condition === 'break_when' && iteration !== undefined) {
    const inside = iteration.graph.steps.map((step) => step.id);
    return { scope: iteration as Scope, steps: [...inside, ...stepsOutside(iteration)], values: iterationValues(iteration) };
  }
  const around = isIteration(scope) ? { outer: iterationValues(scope) as JsonObject } : {};
  const item = loop.iterations[number - 1]?.output ?? null;
  return { scope, steps: null, values: { item, index: number, ...around } };
}
