import { toPointer } from '#lib/base/json.ts';
import type { Definition, Step } from './definition.ts';
import { bodySteps, dependencyStep } from './graph.ts';
import { expressionsOf } from './step-references.ts';
import { type StepCatalog, stepType } from './step-type.ts';
import { stepIndex } from './upstream.ts';

/** A reference that leads nowhere since a step went away (or got another id). */
export interface BrokenReference {
  /** Step that holds the reference; null where the workflow itself does. */
  readonly step: string | null;
  /** JSON Pointer into the definition after. */
  readonly path: string;
  readonly missing: string;
  readonly message: string;
}

/** What in `after` still names steps that were in `before` and are no more. */
export function brokenReferences(before: Definition, after: Definition, catalog: StepCatalog): BrokenReference[] {
  const present = stepIndex(after);
  const gone = new Set(before.steps.map((step) => step.id).filter((id) => !present.has(id)));
  if (gone.size === 0) return [];
  const found: BrokenReference[] = after.steps.flatMap((step, at) =>
    namesIn(step, catalog)
      .filter(({ id }) => gone.has(id))
      .map(({ id, path }) => ({
        step: step.id,
        path: `/steps/${at}${path}`,
        missing: id,
        message: `Step '${step.id}' still uses '${id}', which is gone`,
      })),
  );
  for (const { id, path } of namesInWorkflow(after)) {
    if (gone.has(id)) found.push({ step: null, path, missing: id, message: `The workflow still uses '${id}', which is gone` });
  }
  return found;
}

interface Named {
  readonly id: string;
  readonly path: string;
}

function namesIn(step: Step, catalog: StepCatalog): Named[] {
  const seen = new Set<string>();
  return [
    ...(step.depends_on ?? []).map((dependency, at) => ({ id: dependencyStep(dependency), path: `/depends_on/${at}` })),
    ...(step.context_from ?? []).map((id, at) => ({ id, path: `/context_from/${at}` })),
    ...Object.entries(step.args_from ?? {}).map(([name, id]) => ({ id, path: toPointer(['args_from', name]) })),
    ...(step.fallback_step == null ? [] : [{ id: step.fallback_step, path: '/fallback_step' }]),
    ...namesInBody(step, catalog),
    ...expressionsOf(step, catalog).references.flatMap((one) => (one.step === null ? [] : [{ id: one.step, path: one.pointer }])),
  ].filter(({ id, path }) => !seen.has(`${path} ${id}`) && seen.add(`${path} ${id}`));
}

/** Steps inside of a loop that read what is before it. */
function namesInBody(step: Step, catalog: StepCatalog): Named[] {
  const keys = stepType(catalog, step.type)?.body;
  if (keys === undefined || step.config === undefined) return [];
  const inner = bodySteps(step.config, keys);
  const own = new Set(inner.map((one) => one.id));
  return inner.flatMap((one, at) =>
    namesIn(one, catalog)
      .filter(({ id }) => !own.has(id))
      .map(({ id, path }) => ({ id, path: `/config/${keys.steps}/${at}${path}` })),
  );
}

function namesInWorkflow(definition: Definition): Named[] {
  return [
    ...(definition.output === undefined ? [] : [{ id: definition.output, path: '/output' }]),
    ...(definition.success_policy?.cases ?? []).flatMap((one, at) =>
      one.required.map((id, place) => ({ id, path: `/success_policy/cases/${at}/required/${place}` })),
    ),
    ...(definition.success_policy?.optional ?? []).map((id, at) => ({ id, path: `/success_policy/optional/${at}` })),
  ];
}
