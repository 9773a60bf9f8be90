import type { Json } from '#lib/base/json.ts';
import type { Definition, Dependency, Step, SuccessPolicy } from './definition.ts';
import { StepId } from './definition.ts';
import { type EditResult, refused, unknownStep } from './edit-edges.ts';
import { renameReferences } from './expression.ts';
import { bodySteps, dependencyStep } from './graph.ts';
import { CONDITION_KEYS, expressionsOf } from './step-references.ts';
import { type StepCatalog, stepType } from './step-type.ts';
import { renameInTemplate, templateOptionsOf } from './template.ts';
import { stepIndex } from './upstream.ts';

/** Gives a step another id and rewrites every reference to it; steps without one keep their identity. */
export function renameStep(definition: Definition, id: string, to: string, catalog: StepCatalog): EditResult {
  const at = stepIndex(definition).get(id);
  if (at === undefined) return unknownStep(id);
  if (id === to) return { ok: true, definition };
  const checked = StepId.safeParse(to);
  if (!checked.success) return refused('invalid_id', checked.error.issues[0]?.message ?? 'This is no step id', `/steps/${at}/id`, id);
  if (stepIndex(definition).has(to)) return refused('duplicate_id', `There is already a step '${to}'`, `/steps/${at}/id`, id);
  return { ok: true, definition: renameSteps(definition, new Map([[id, to]]), catalog) };
}

/** Gives several steps other ids at once; the new ids must be free. Steps that name none of them keep their identity. */
export function renameSteps(definition: Definition, names: ReadonlyMap<string, string>, catalog: StepCatalog): Definition {
  const steps = definition.steps.map((step) => {
    const next = renamedReferences(step, names, catalog);
    const to = names.get(step.id);
    return to === undefined ? next : { ...next, id: to };
  });
  return withRenamed({ ...definition, steps }, names, catalog);
}

/** A step whose references follow new ids; its own id stays. The same object where it names none of them. */
export function renamedReferences(step: Step, names: ReadonlyMap<string, string>, catalog: StepCatalog): Step {
  const changes: Partial<Step> = {};
  if (step.depends_on?.some((dependency) => names.has(dependencyStep(dependency)))) {
    changes.depends_on = step.depends_on.map((dependency) => renamedDependency(dependency, names));
  }
  if (step.context_from?.some((id) => names.has(id))) changes.context_from = renamedList(step.context_from, names);
  if (step.args_from !== undefined && Object.values(step.args_from).some((id) => names.has(id))) {
    changes.args_from = Object.fromEntries(Object.entries(step.args_from).map(([name, id]) => [name, names.get(id) ?? id]));
  }
  if (step.fallback_step != null && names.has(step.fallback_step)) changes.fallback_step = names.get(step.fallback_step) ?? null;
  Object.assign(changes, renamedExpressions(step, names, catalog));
  Object.assign(changes, renamedInBody({ ...step, ...changes }, names, catalog));
  return Object.keys(changes).length === 0 ? step : { ...step, ...changes };
}

function renamedExpressions(step: Step, names: ReadonlyMap<string, string>, catalog: StepCatalog): Partial<Step> {
  const changes: Partial<Step> = {};
  const used = new Set(
    expressionsOf(step, catalog).references.flatMap((one) => (one.step !== null && names.has(one.step) ? [one.step] : [])),
  );
  for (const from of used) {
    const to = names.get(from) ?? from;
    const config = changes.config ?? step.config;
    if (config !== undefined) changes.config = renameInTemplate(config, from, to, templateOptionsOf(stepType(catalog, step.type)));
    const undo = changes.undo ?? step.undo;
    if (undo?.config !== undefined) {
      const renamed = renameInTemplate(undo.config, from, to, templateOptionsOf(stepType(catalog, undo.type)));
      if (renamed !== undo.config) changes.undo = { ...undo, config: renamed };
    }
    for (const key of CONDITION_KEYS) {
      const text = changes[key] ?? step[key];
      if (text !== undefined) changes[key] = renameReferences(text, from, to);
    }
  }
  return changes;
}

/** The steps inside follow too: they may read what is before their loop. An id of their own is another step's. */
function renamedInBody(step: Step, names: ReadonlyMap<string, string>, catalog: StepCatalog): Partial<Step> {
  const keys = stepType(catalog, step.type)?.body;
  if (keys === undefined || step.config === undefined) return {};
  const steps = bodySteps(step.config, keys);
  const own = new Set(steps.map((inner) => inner.id));
  const outside = new Map([...names].filter(([from]) => !own.has(from)));
  const next = steps.map((inner) => renamedReferences(inner, outside, catalog));
  if (next.every((inner, at) => inner === steps[at])) return {};
  return { config: { ...step.config, [keys.steps]: next as unknown as Json } };
}

function renamedDependency(dependency: Dependency, names: ReadonlyMap<string, string>): Dependency {
  const to = names.get(dependencyStep(dependency));
  if (to === undefined) return dependency;
  return typeof dependency === 'string' ? to : { ...dependency, step: to };
}

function renamedList(ids: readonly string[], names: ReadonlyMap<string, string>): string[] {
  return ids.map((id) => names.get(id) ?? id);
}

function withRenamed(definition: Definition, names: ReadonlyMap<string, string>, catalog: StepCatalog): Definition {
  const next: Definition = { ...definition };
  if (next.output !== undefined) next.output = names.get(next.output) ?? next.output;
  if (next.success_policy !== undefined) next.success_policy = renamedPolicy(next.success_policy, names);
  if (next.groups?.some((group) => group.steps.some((id) => names.has(id)))) {
    next.groups = next.groups.map((group) => ({ ...group, steps: renamedList(group.steps, names) }));
  }
  if (next.concurrency?.key !== undefined) {
    let { key } = next.concurrency;
    for (const [from, to] of names) key = renameInTemplate(key, from, to, templateOptionsOf(stepType(catalog, '')));
    if (key !== next.concurrency.key) next.concurrency = { ...next.concurrency, key };
  }
  return next;
}

function renamedPolicy(policy: SuccessPolicy, names: ReadonlyMap<string, string>): SuccessPolicy {
  const cases = policy.cases.map((one) => ({ required: renamedList(one.required, names) }));
  return policy.optional === undefined ? { cases } : { cases, optional: renamedList(policy.optional, names) };
}
