import type { Definition, Position, Step } from './definition.ts';
import { type EditResult, refused, unknownStep, withDependencies } from './edit-edges.ts';
import { dependencyStep } from './graph.ts';
import { renamedReferences } from './rename-step.ts';
import { NO_TYPES } from './step-references.ts';
import type { StepCatalog } from './step-type.ts';
import { componentsInOrder, stepIndex, stepsBefore } from './upstream.ts';

/** Words that mean something else inside an expression, so no step is named like them. */
const RESERVED = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function', 'constructor', '__proto__', 'prototype']);

/**
 * A free step id made from a name or a type: `Fetch users` → `fetch_users`, then `fetch_users_2`, … It needs no
 * backticks in expressions.
 */
export function mintStepId(name: string, taken: { has(id: string): boolean }): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60);
  const base = slug === '' ? 'step' : /^[0-9]/.test(slug) || RESERVED.has(slug) ? `step_${slug}` : slug;
  if (!taken.has(base)) return base;
  const stem = base.replace(/_\d+$/, '');
  for (let count = 2; ; count += 1) {
    const id = `${stem}_${count}`;
    if (!taken.has(id)) return id;
  }
}

/**
 * Copies of steps under ids that are free in `taken`; references among them follow. `ids` maps old to new. Dependencies
 * and sources outside the copied set are kept where `keepOutside` says so (then they mean the same step), else dropped.
 */
export function remintIds(
  steps: readonly Step[],
  taken: { has(id: string): boolean },
  options: { readonly keepOutside: (id: string) => boolean; readonly offset: Position },
  catalog: StepCatalog = NO_TYPES,
): { readonly steps: Step[]; readonly ids: ReadonlyMap<string, string> } {
  const old = new Set(steps.map((step) => step.id));
  const fresh = new Set<string>();
  const ids = new Map<string, string>();
  // A new id must not be an old one of the set either: references are rewritten one id after the other.
  const used = { has: (id: string) => taken.has(id) || fresh.has(id) };
  for (const step of steps) {
    const id = used.has(step.id) || ids.has(step.id) ? mintStepId(step.id, { has: (one) => used.has(one) || old.has(one) }) : step.id;
    fresh.add(id);
    if (!ids.has(step.id)) ids.set(step.id, id);
  }
  const renamed = new Map([...ids].filter(([from, to]) => from !== to));
  const kept = (id: string) => old.has(id) || options.keepOutside(id);
  const names = [...fresh];
  const copies = steps.map((step, at): Step => {
    const copy = { ...renamedReferences(withoutOutside(step, kept), renamed, catalog), id: names[at] ?? step.id };
    if (copy.position === undefined) return copy;
    return { ...copy, position: { x: copy.position.x + options.offset.x, y: copy.position.y + options.offset.y } };
  });
  return { steps: copies, ids };
}

function withoutOutside(step: Step, kept: (id: string) => boolean): Step {
  let next = step;
  if (next.depends_on?.some((dependency) => !kept(dependencyStep(dependency)))) {
    next = withDependencies(
      next,
      next.depends_on.filter((dependency) => kept(dependencyStep(dependency))),
    );
  }
  if (next.context_from?.some((id) => !kept(id))) {
    const { context_from, ...rest } = next;
    const inside = context_from.filter(kept);
    next = inside.length > 0 ? { ...rest, context_from: inside } : rest;
  }
  if (next.args_from !== undefined && !Object.values(next.args_from).every(kept)) {
    const { args_from, ...rest } = next;
    const inside = Object.entries(args_from).filter(([, id]) => kept(id));
    next = inside.length > 0 ? { ...rest, args_from: Object.fromEntries(inside) } : rest;
  }
  if (next.fallback_step != null && !kept(next.fallback_step)) {
    const { fallback_step: _, on_error, ...rest } = next;
    next = on_error === undefined || on_error === 'fallback' ? rest : { ...rest, on_error };
  }
  return next;
}

/**
 * Adds copies of steps from anywhere; only what the pasted steps say of one another is kept. A clipboard is not to be
 * trusted: steps that wait for one another in a circle are refused.
 */
export function pasteSteps(definition: Definition, steps: readonly Step[], offset: Position, catalog: StepCatalog): EditResult {
  if (steps.length === 0) return { ok: true, definition };
  const copies = remintIds(steps, stepIndex(definition), { keepOutside: () => false, offset }, catalog);
  const before = stepsBefore({ ...definition, steps: copies.steps });
  const knot = componentsInOrder(before).find((members) => members.length > 1 || before[members[0] ?? 0]?.includes(members[0] ?? 0));
  if (knot !== undefined) {
    const ids = knot.toSorted((a, b) => a - b).map((at) => steps[at]?.id);
    return refused('cycle', `The pasted steps wait for one another: ${ids.join(', ')}`, '/steps');
  }
  return { ok: true, definition: { ...definition, steps: [...definition.steps, ...copies.steps] } };
}

/** Adds copies of steps of this definition; they follow the same steps as the originals do. */
export function duplicateSteps(definition: Definition, ids: readonly string[], offset: Position, catalog: StepCatalog): EditResult {
  const index = stepIndex(definition);
  const unknown = ids.find((id) => !index.has(id));
  if (unknown !== undefined) return unknownStep(unknown);
  const chosen = new Set(ids);
  const originals = definition.steps.filter((step) => chosen.has(step.id));
  if (originals.length === 0) return { ok: true, definition };
  const copies = remintIds(originals, index, { keepOutside: (id) => index.has(id), offset }, catalog);
  return { ok: true, definition: { ...definition, steps: [...definition.steps, ...copies.steps] } };
}
