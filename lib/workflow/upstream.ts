import type { Definition, Step } from './definition.ts';
import { dependencyStep } from './graph.ts';

type Steps = Definition['steps'];

const indexes = new WeakMap<Steps, ReadonlyMap<string, number>>();

/** Index of each step by id (the first of a duplicate), kept for as long as the list of steps lives. */
export function stepIndex(definition: Definition): ReadonlyMap<string, number> {
  const known = indexes.get(definition.steps);
  if (known) return known;
  const made = new Map<string, number>();
  definition.steps.forEach((step, index) => {
    if (!made.has(step.id)) made.set(step.id, index);
  });
  indexes.set(definition.steps, made);
  return made;
}

/** The fallback step that a step uses, or null. */
export function fallbackOf(step: Step): string | null {
  return step.fallback_step != null && (step.on_error === undefined || step.on_error === 'fallback') ? step.fallback_step : null;
}

/** True when an edge `from` → `to` would close a cycle (or is one: from a step to itself). */
export function wouldCycle(definition: Definition, from: string, to: string): boolean {
  return cyclePath(definition, from, to) !== null;
}

/** The shortest cycle that an edge `from` → `to` would close, as ids along the edges (`[a, b, a]`), or null. */
export function cyclePath(definition: Definition, from: string, to: string): readonly string[] | null {
  if (from === to) return [from, to];
  const index = stepIndex(definition);
  const before = new Map<string, string>([[from, to]]);
  // Walks against the edges from `from`; reaching `to` means that `to` already leads to `from`.
  const queue = [from];
  for (let at = 0; at < queue.length; at += 1) {
    const id = queue[at] as string;
    for (const dependency of definition.steps[index.get(id) ?? -1]?.depends_on ?? []) {
      const source = dependencyStep(dependency);
      if (before.has(source)) continue;
      before.set(source, id);
      if (source === to) return pathFrom(before, from, to);
      queue.push(source);
    }
  }
  return null;
}

function pathFrom(next: ReadonlyMap<string, string>, from: string, to: string): string[] {
  const path = [from];
  for (let id = to; id !== from; id = next.get(id) ?? from) path.push(id);
  path.push(from);
  return path;
}
