import { isJsonObject } from '#lib/base/json.ts';
import type { Definition, Step } from './definition.ts';
import { type Checked, within } from './findings.ts';
import { salvageSteps } from './salvage.ts';
import { type StepCatalog, stepType } from './step-type.ts';
import { stepIndex } from './upstream.ts';

/** What validation asks of nested graphs: which there are, and from where a step can be seen. */

/** The steps inside of one step. */
interface BodySteps {
  readonly steps: readonly Step[];
  readonly output: unknown;
  has(id: string): boolean;
  /** JSON Pointers, within the step, of the expressions that are asked for each iteration. */
  readonly while: string;
  readonly breakWhen: string;
}

const known = new WeakMap<Step, BodySteps>();

/** What a step repeats, null where its type repeats nothing. */
export function bodyOf(step: Step, catalog: StepCatalog): BodySteps | null {
  const keys = stepType(catalog, step.type)?.body;
  if (keys === undefined) return null;
  let body = known.get(step);
  if (body === undefined) {
    const steps = salvageSteps(step.config?.[keys.steps]);
    const ids = new Set(steps.map((one) => one.id));
    const has = (id: string) => ids.has(id);
    body = { steps, output: step.config?.[keys.output], has, while: `/config/${keys.while}`, breakWhen: `/config/${keys.breakWhen}` };
    known.set(step, body);
  }
  return body;
}

/** The bodies in a scope, each to be checked as a scope of its own. */
export function bodiesOf(checked: Checked): Checked[] {
  const { catalog } = checked;
  return checked.definition.steps.flatMap((step, at) => {
    const body = bodyOf(step, catalog);
    if (body === null) return [];
    const output = typeof body.output === 'string' ? { output: body.output } : {};
    const definition: Definition = { name: checked.definition.name, steps: [...body.steps], ...output };
    const base = `/steps/${at}/config`;
    const errors = within(checked.errors, base);
    const warnings = within(checked.warnings, base);
    return [{ definition, catalog, index: stepIndex(definition), errors, warnings, outer: { checked, loop: step } }];
  });
}

/** The nearest scope around this one that has a step of this id, and the loop in it that leads here. */
export function scopeAround(checked: Checked, id: string): { readonly checked: Checked; readonly loop: Step } | null {
  for (let around = checked.outer; around !== null; around = around.checked.outer) if (around.checked.index.has(id)) return around;
  return null;
}

const insides = new WeakMap<Checked, ReadonlyMap<string, string>>();

/** The loop of this scope that has a step of this id inside, at any depth. */
export function insideLoop(checked: Checked, id: string): string | null {
  let owners = insides.get(checked);
  if (owners === undefined) {
    const made = new Map<string, string>();
    for (const step of checked.definition.steps) for (const inner of idsInside(step, checked.catalog)) made.set(inner, step.id);
    owners = made;
    insides.set(checked, owners);
  }
  return owners.get(id) ?? null;
}

/** Ids of all steps inside of a step, at any depth. */
export function idsInside(step: Step, catalog: StepCatalog): string[] {
  return (bodyOf(step, catalog)?.steps ?? []).flatMap((inner) => [inner.id, ...idsInside(inner, catalog)]);
}

/** Steps of a raw list, those in bodies included. */
export function countSteps(value: unknown, catalog: StepCatalog): number {
  if (!Array.isArray(value)) return 0;
  return value.reduce((count: number, step: unknown) => {
    if (!isJsonObject(step) || typeof step.type !== 'string' || !isJsonObject(step.config)) return count + 1;
    const keys = stepType(catalog, step.type)?.body;
    return count + 1 + (keys === undefined ? 0 : countSteps(step.config[keys.steps], catalog));
  }, 0);
}
