import type { Definition } from '#lib/workflow/definition.ts';
import { dependencyStep } from '#lib/workflow/graph.ts';

/** Every step that has ended, one way or another, before this one is asked. */
export function upstreamIds(definition: Definition, stepId: string): ReadonlySet<string> {
  const before = new Map(definition.steps.map((step) => [step.id, (step.depends_on ?? []).map(dependencyStep)]));
  // A fallback step stands in for the step that failed: it may read that step and what was before it.
  for (const step of definition.steps) {
    if (step.fallback_step != null) before.set(step.fallback_step, [...(before.get(step.fallback_step) ?? []), step.id]);
  }
  const found = new Set<string>();
  const open = [...(before.get(stepId) ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id) || id === stepId) continue;
    found.add(id);
    open.push(...(before.get(id) ?? []));
  }
  return found;
}
