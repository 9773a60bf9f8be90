import type { Definition, Dependency, Group, Step, SuccessPolicy } from './definition.ts';
import { withGroups } from './edit-canvas.ts';
import { type EditResult, sameDependency, unknownStep, withDependencies } from './edit-edges.ts';
import { dependencyBranch, dependencyStep } from './graph.ts';
import { stepIndex } from './upstream.ts';

/**
 * Removes steps with everything in the document that names them (edges, sources, fallbacks, output, success policy,
 * groups); references inside expressions stay and are reported by the validator. With `reconnect`, a step that followed
 * a removed one follows what came before it; what handled its error then handles theirs.
 */
export function removeSteps(definition: Definition, ids: readonly string[], reconnect: boolean): EditResult {
  const unknown = ids.find((id) => !stepIndex(definition).has(id));
  if (unknown !== undefined) return unknownStep(unknown);
  const gone = new Set(ids);
  if (gone.size === 0) return { ok: true, definition };
  const steps = definition.steps
    .filter((step) => !gone.has(step.id))
    .map((step) => withoutReferences(rewired(definition, step, gone, reconnect), gone));
  return { ok: true, definition: withoutRemoved({ ...definition, steps }, gone) };
}

function rewired(definition: Definition, step: Step, gone: ReadonlySet<string>, reconnect: boolean): Step {
  if (!step.depends_on?.some((dependency) => gone.has(dependencyStep(dependency)))) return step;
  const dependencies: Dependency[] = [];
  for (const dependency of step.depends_on) {
    if (!gone.has(dependencyStep(dependency))) dependencies.push(dependency);
    else if (reconnect) dependencies.push(...before(definition, dependency, gone));
  }
  const distinct = dependencies.filter((one, at) => dependencies.findIndex((other) => sameDependency(one, other)) === at);
  return withDependencies(step, distinct);
}

/** The surviving dependencies that stand before a removed step, through any number of removed ones. */
function before(definition: Definition, removed: Dependency, gone: ReadonlySet<string>): Dependency[] {
  const found: Dependency[] = [];
  const seen = new Set<string>();
  const queue = [removed];
  for (let at = 0; at < queue.length; at += 1) {
    const current = queue[at] as Dependency;
    const id = dependencyStep(current);
    const handlesError = dependencyBranch(current) === 'error';
    const key = `${handlesError} ${id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const source of definition.steps[stepIndex(definition).get(id) ?? -1]?.depends_on ?? []) {
      const next = handlesError ? { step: dependencyStep(source), branch: 'error' } : source;
      if (gone.has(dependencyStep(next))) queue.push(next);
      else found.push(next);
    }
  }
  return found;
}

function withoutReferences(step: Step, gone: ReadonlySet<string>): Step {
  let next = step;
  if (next.context_from?.some((id) => gone.has(id))) {
    const { context_from, ...rest } = next;
    const kept = context_from.filter((id) => !gone.has(id));
    next = kept.length > 0 ? { ...rest, context_from: kept } : rest;
  }
  if (next.args_from !== undefined && Object.values(next.args_from).some((id) => gone.has(id))) {
    const { args_from, ...rest } = next;
    const kept = Object.entries(args_from).filter(([, id]) => !gone.has(id));
    next = kept.length > 0 ? { ...rest, args_from: Object.fromEntries(kept) } : rest;
  }
  if (next.fallback_step != null && gone.has(next.fallback_step)) {
    const { fallback_step: _, ...rest } = next;
    const { on_error, ...others } = rest;
    next = on_error === undefined || on_error === 'fallback' ? others : rest;
  }
  return next;
}

function withoutRemoved(definition: Definition, gone: ReadonlySet<string>): Definition {
  let next = definition;
  if (next.output !== undefined && gone.has(next.output)) {
    const { output: _, ...rest } = next;
    next = rest;
  }
  if (next.success_policy !== undefined) {
    const { success_policy, ...rest } = next;
    const kept = prunedPolicy(success_policy, gone);
    if (kept !== success_policy) next = kept === null ? rest : { ...rest, success_policy: kept };
  }
  if (next.groups?.some((group) => group.steps.some((id) => gone.has(id)))) {
    const groups = next.groups.map((group): Group => ({ ...group, steps: group.steps.filter((id) => !gone.has(id)) }));
    next = withGroups(
      next,
      groups.filter((group) => group.steps.length > 0),
    );
  }
  return next;
}

function prunedPolicy(policy: SuccessPolicy, gone: ReadonlySet<string>): SuccessPolicy | null {
  const named = [...policy.cases.flatMap((one) => one.required), ...(policy.optional ?? [])];
  if (!named.some((id) => gone.has(id))) return policy;
  const cases = policy.cases
    .map((one) => ({ required: one.required.filter((id) => !gone.has(id)) }))
    .filter((one) => one.required.length > 0);
  if (cases.length === 0) return null;
  const optional = (policy.optional ?? []).filter((id) => !gone.has(id));
  return optional.length > 0 ? { cases, optional } : { cases };
}
