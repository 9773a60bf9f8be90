import { isIteration } from '#lib/engine/loop.ts';
import type { Scope } from '#lib/engine/state.ts';
import { hides } from '#lib/server/redact.ts';
import type { Reference } from '#lib/workflow/expression.ts';
import { scopeWith } from './loop-scope.ts';

/** Roots that hold what no step has made. */
const OPEN_ROOTS: readonly string[] = ['input', 'index', 'run', 'workflow'];

/**
 * True where what a condition read may be the output of a sensitive step, so that it must not be kept in the clear. What
 * comes through `args`, `context`, `item` or `outer` counts as soon as anything around is sensitive.
 */
export function isHidden(scope: Scope, { root, step }: Reference): boolean {
  if (OPEN_ROOTS.includes(root)) return false;
  if (root !== 'steps' || step === null) return scopesAround(scope).some((one) => one.graph.steps.some(hides));
  const graph = scopeWith(scope, step)?.graph;
  const source = graph?.byId.get(step);
  if (source === undefined) return true;
  const standIn = source.fallback === null ? undefined : graph?.steps[source.fallback];
  return hides(source) || (standIn !== undefined && hides(standIn));
}

function scopesAround(scope: Scope): Scope[] {
  return isIteration(scope) ? [scope, ...scopesAround(scope.outer)] : [scope];
}
