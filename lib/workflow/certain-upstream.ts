import { bitSets } from './bit-sets.ts';
import type { Definition, Step } from './definition.ts';
import { dependencyBranch, dependencyStep } from './graph.ts';
import { componentsInOrder, fallbackOf, stepIndex, stepsBefore } from './upstream.ts';

interface EdgeIn {
  readonly from: number;
  readonly branch: string | null;
}

const known = new WeakMap<Definition['steps'], { has(id: string, ancestor: string): boolean }>();

/**
 * Which steps have certainly completed whenever another starts; the others may have been skipped or have failed. It
 * follows the join rule (see `lib/engine/readiness.ts`): an edge counts on its own only where it can't be dead, and of
 * the edges that can be, at least one was satisfied. For graphs without cycles.
 */
export function certainUpstream(definition: Definition): { has(id: string, ancestor: string): boolean } {
  const cached = known.get(definition.steps);
  if (cached) return cached;
  const made = compute(definition);
  known.set(definition.steps, made);
  return made;
}

function compute(definition: Definition): { has(id: string, ancestor: string): boolean } {
  const index = stepIndex(definition);
  const { steps } = definition;
  const incoming = steps.map((step) =>
    (step.depends_on ?? []).flatMap((dependency): EdgeIn[] => {
      const from = index.get(dependencyStep(dependency));
      return from === undefined ? [] : [{ from, branch: dependencyBranch(dependency) }];
    }),
  );
  const fallbackFor = steps.map((): number[] => []);
  for (const [at, step] of steps.entries()) fallbackFor[index.get(fallbackOf(step) ?? '') ?? -1]?.push(at);
  const handled = new Set(incoming.flatMap((edges) => edges.filter((edge) => edge.branch === 'error').map((edge) => edge.from)));
  const notTaken = new Uint8Array(steps.length);
  const canBeDead = (edge: EdgeIn) => edge.branch !== null || handled.has(edge.from) || notTaken[edge.from] === 1;
  const certain = bitSets(steps.length);

  for (const [at = 0] of componentsInOrder(stepsBefore(definition))) {
    const edges = incoming[at] ?? [];
    const replaces = fallbackFor[at] ?? [];
    notTaken[at] = replaces.length > 0 || (edges.length > 0 && edges.every(canBeDead)) ? 1 : 0;
    if (edges.length === 0)
      common(
        replaces.map((from) => ({ from, branch: 'error' })),
        at,
      );
    else if (!mayStartAfterFailure(steps[at] as Step)) {
      common(edges, at);
      for (const edge of edges)
        if (needsAll(steps[at] as Step, edges.length) || (isJoinAll(steps[at] as Step) && !canBeDead(edge))) include(edge, at);
    }
  }

  /** What every one of the edges brings: whichever was satisfied, that is certain. */
  function common(edges: readonly EdgeIn[], at: number): void {
    const [first, ...others] = edges;
    if (first === undefined) return;
    include(first, at);
    for (const edge of others) certain.keepOnly(at, edge.from, edge.branch === 'error' ? -1 : edge.from);
  }

  function include(edge: EdgeIn, at: number): void {
    certain.addAll(at, edge.from);
    if (edge.branch !== 'error') certain.add(at, edge.from);
  }

  return {
    has(id, ancestor) {
      const at = index.get(id);
      const source = index.get(ancestor);
      return at !== undefined && source !== undefined && certain.has(at, source);
    },
  };
}

function isJoinAll(step: Step): boolean {
  return step.join === undefined || step.join === 'all';
}

function mayStartAfterFailure(step: Step): boolean {
  return isJoinAll(step) && step.allow_failed_deps === true;
}

function needsAll(step: Step, edges: number): boolean {
  return step.join === 'quorum' && step.min_success === edges;
}
