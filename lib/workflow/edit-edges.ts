import type { Problem } from '#lib/base/problem.ts';
import type { Definition, Dependency, Step } from './definition.ts';
import { dependencyBranch, dependencyStep } from './graph.ts';
import { cyclePath, stepIndex } from './upstream.ts';

/** An edge as the canvas knows it. `branch` null means *completed*. */
export interface EdgeRef {
  readonly from: string;
  readonly to: string;
  readonly branch: string | null;
}

/** What an edit gives back. */
export type EditResult = { readonly ok: true; readonly definition: Definition } | Refusal;
export interface Refusal {
  readonly ok: false;
  readonly problems: readonly Problem[];
}

/** What `depends_on` holds for an edge that leaves `from` on a branch. */
export function dependencyOf(from: string, branch: string | null): Dependency {
  return branch === null ? from : { step: from, branch };
}

export function sameDependency(a: Dependency, b: Dependency): boolean {
  return dependencyStep(a) === dependencyStep(b) && dependencyBranch(a) === dependencyBranch(b);
}

/** All edges in definition order. */
export function edgesOf(definition: Definition): EdgeRef[] {
  return definition.steps.flatMap((step) =>
    (step.depends_on ?? []).map((dependency) => ({
      from: dependencyStep(dependency),
      to: step.id,
      branch: dependencyBranch(dependency),
    })),
  );
}

/** One refusal of an edit. */
export function refused(code: string, message: string, path = '', step?: string): Refusal {
  return { ok: false, problems: [{ ...(step === undefined ? {} : { step }), path, code, message }] };
}

export function unknownStep(id: string): Refusal {
  return refused('unknown_step', `Step '${id}' doesn't exist`, '/steps', id);
}

/** A definition in which one step is another; the same object when it is the same step. */
export function withStep(definition: Definition, index: number, step: Step): Definition {
  if (definition.steps[index] === step) return definition;
  return { ...definition, steps: definition.steps.with(index, step) };
}

/** A step with other dependencies; an empty list is left out, so that drawing and removing an edge changes nothing. */
export function withDependencies(step: Step, dependencies: readonly Dependency[]): Step {
  if (dependencies.length > 0) return { ...step, depends_on: [...dependencies] };
  const { depends_on: _, ...rest } = step;
  return rest;
}

/** Adds an edge. An edge that is there already changes nothing; a cycle is refused with its path. */
export function connect(definition: Definition, edge: EdgeRef): EditResult {
  const index = stepIndex(definition);
  const at = index.get(edge.to);
  const step = at === undefined ? undefined : definition.steps[at];
  if (!index.has(edge.from)) return unknownStep(edge.from);
  if (at === undefined || step === undefined) return unknownStep(edge.to);
  const dependency = dependencyOf(edge.from, edge.branch);
  const dependencies = step.depends_on ?? [];
  if (dependencies.some((known) => sameDependency(known, dependency))) return { ok: true, definition };
  const cycle = cyclePath(definition, edge.from, edge.to);
  if (cycle !== null) {
    return refused(
      'cycle',
      `Connecting '${edge.from}' to '${edge.to}' would make a cycle: ${cycle.join(' → ')}`,
      `/steps/${at}/depends_on`,
      edge.to,
    );
  }
  return { ok: true, definition: withStep(definition, at, withDependencies(step, [...dependencies, dependency])) };
}

/** Removes edges; one that is not there is passed over. */
export function disconnect(definition: Definition, edges: readonly EdgeRef[]): EditResult {
  const byTarget = Map.groupBy(edges, (edge) => edge.to);
  let changed = false;
  const steps = definition.steps.map((step) => {
    const gone = byTarget.get(step.id);
    if (gone === undefined || step.depends_on === undefined) return step;
    const kept = step.depends_on.filter((known) => !gone.some((edge) => sameDependency(known, dependencyOf(edge.from, edge.branch))));
    if (kept.length === step.depends_on.length) return step;
    changed = true;
    return withDependencies(step, kept);
  });
  return { ok: true, definition: changed ? { ...definition, steps } : definition };
}
