import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { outputAt } from './outcome.ts';
import { isSettled } from './readiness.ts';
import type { Scope } from './state.ts';

/** What a step's expressions, conditions and executor may see of the steps before it. */

const upstreamOf = new WeakMap<Graph, Map<number, readonly number[]>>();

/** Every step from which a path leads to this one, in definition order; of a fallback: what its users see, and they. */
export function upstreamSteps(graph: Graph, index: number): readonly number[] {
  let known = upstreamOf.get(graph);
  if (known === undefined) {
    known = new Map();
    upstreamOf.set(graph, known);
  }
  const cached = known.get(index);
  if (cached !== undefined) return cached;
  const found = new Set<number>();
  const open = sourcesOf(graph, index);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at) || at === index) continue;
    found.add(at);
    open.push(...sourcesOf(graph, at));
  }
  const sorted = [...found].sort((a, b) => a - b);
  known.set(index, sorted);
  return sorted;
}

function sourcesOf(graph: Graph, index: number): number[] {
  const step = graph.steps[index];
  return step === undefined ? [] : [...step.incoming.map((edge) => edge.from), ...step.fallbackFor];
}

/** What the step's conditions see: the steps named in `context_from`, or without it every step upstream. */
export function conditionSteps(graph: Graph, index: number): readonly number[] {
  const named = graph.steps[index]?.contextFrom ?? [];
  return named.length > 0 ? named : upstreamSteps(graph, index);
}

/** The `steps` root of expressions: `{ <id>: { status, output, error, branch } }` of the given steps. */
export function stepsScope(scope: Scope, indices: readonly number[]): JsonObject {
  const seen: Record<string, Json> = Object.create(null);
  for (const index of indices) {
    const step = scope.graph.steps[index];
    const at = scope.steps[index];
    if (step === undefined || at === undefined) continue;
    const error = at.status === 'failed' ? (at.error as unknown as Json) : null;
    seen[step.id] = { status: at.status, output: outputAt(scope, index), error, branch: at.branch };
  }
  return seen;
}

/**
 * The step's `args`: for each parameter of `args_from` the result of its step. A completed step gives its output, a
 * failed one `{ error }` (null with `on_error: continue`, its fallback's output where that completed), a skipped or
 * cancelled one `{ error: { code: "UPSTREAM_SKIPPED" } }`; one that has not ended (under any and quorum) leaves its
 * parameter out.
 */
export function argsOf(scope: Scope, index: number): JsonObject {
  const args: Record<string, Json> = Object.create(null);
  for (const { name, from } of scope.graph.steps[index]?.argsFrom ?? []) {
    const at = scope.steps[from];
    if (at === undefined || !isSettled(at.status)) continue;
    args[name] = argumentFrom(scope, from);
  }
  return args;
}

function argumentFrom(scope: Scope, from: number): Json {
  const step = scope.graph.steps[from];
  const at = scope.steps[from];
  if (step === undefined || at === undefined) return null;
  if (at.status === 'skipped' || at.status === 'cancelled') {
    return { error: { code: 'UPSTREAM_SKIPPED', message: `Step '${step.id}' was ${at.status}` } };
  }
  const rescued = step.fallback !== null && scope.steps[step.fallback]?.status === 'completed';
  if (at.status === 'completed' || rescued || step.onError === 'continue') return outputAt(scope, from);
  return { error: at.error as unknown as Json };
}
