import { canonicalJson, type Json, jsonEqual } from '#lib/base/json.ts';
import { type BrokenReference, brokenReferences } from './broken-references.ts';
import { definitionsEqual, isLayoutOnlyChange } from './canonical.ts';
import { Definition, Step } from './definition.ts';
import { dependencyOf, type EdgeRef, edgesOf, sameDependency } from './edit-edges.ts';
import { type FieldChange, fieldChanges } from './field-changes.ts';
import { dependencyBranch, dependencyStep } from './graph.ts';
import { renameSteps } from './rename-step.ts';
import { NO_TYPES } from './step-references.ts';
import type { StepCatalog } from './step-type.ts';
import { stepIndex } from './upstream.ts';

export type { BrokenReference, FieldChange };

/** A step that is in both, by the id it has after. `renamedFrom` where its id changed. */
export interface StepChange {
  readonly id: string;
  readonly renamedFrom: string | null;
  readonly fields: readonly FieldChange[];
  readonly edgesAdded: readonly EdgeRef[];
  readonly edgesRemoved: readonly EdgeRef[];
}

/** What changed between two definitions, in the words of people. */
export interface DefinitionDiff {
  /** `Added 1 step, modified 1 step`, `Removed 1 step`, `Layout only`, `No changes`, … */
  readonly summary: string;
  readonly isEmpty: boolean;
  readonly layoutOnly: boolean;
  readonly added: readonly Step[];
  readonly removed: readonly Step[];
  /** Steps whose fields or edges differ; layout and what merely follows a renamed step don't count. */
  readonly changed: readonly StepChange[];
  /** Same content under another id. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Steps stand in another order, which decides ties between ready steps. */
  readonly reordered: boolean;
  /** All edges that differ, in the ids after (a removed edge of a removed step keeps the ids it had). */
  readonly edgesAdded: readonly EdgeRef[];
  readonly edgesRemoved: readonly EdgeRef[];
  readonly workflow: readonly FieldChange[];
  /** Ids of steps that moved, and notes and groups that differ. */
  readonly layout: { readonly moved: readonly string[]; readonly fields: readonly FieldChange[] };
  readonly brokenReferences: readonly BrokenReference[];
  /** For version lists: steps added, changed (or renamed) and removed. */
  readonly counts: { readonly added: number; readonly changed: number; readonly removed: number };
}

/**
 * The semantic difference, by step id. Renames are found first and applied to `before`, so that steps which merely name
 * a renamed one are not *changed*. Equal definitions give an empty one. With the catalog, references inside config
 * fields that are always an expression are understood too.
 */
export function diffDefinitions(before: Definition, after: Definition, catalog: StepCatalog = NO_TYPES): DefinitionDiff {
  const { renamed, base } = findRenames(before, after, catalog);
  const baseIndex = stepIndex(base);
  const afterIndex = stepIndex(after);
  const added = after.steps.filter((step) => !baseIndex.has(step.id));
  const removed = base.steps.filter((step) => !afterIndex.has(step.id));
  const pairs = after.steps.flatMap((step) => {
    const old = base.steps[baseIndex.get(step.id) ?? -1];
    return old === undefined ? [] : [{ old, step }];
  });
  const oldNames = new Map(renamed.map(({ from, to }) => [to, from]));
  const changed = pairs.flatMap(({ old, step }) => (old === step ? [] : changeOf(old, step, oldNames.get(step.id) ?? null)));
  const workflow = WORKFLOW_KEYS.flatMap((key) => fieldChanges(base[key] as Json, after[key] as Json, [key]));
  const keptOrder = base.steps.filter((step) => afterIndex.has(step.id)).map((step) => step.id);
  const reordered = pairs.some(({ step }, at) => keptOrder[at] !== step.id);
  const layoutOnly = isLayoutOnlyChange(before, after);
  const isEmpty = !layoutOnly && definitionsEqual(before, after);
  return {
    summary: isEmpty ? 'No changes' : layoutOnly ? 'Layout only' : summaryOf(added, removed, changed, renamed, reordered),
    isEmpty,
    layoutOnly,
    added,
    removed,
    changed,
    renamed,
    reordered,
    edgesAdded: edgesWithout(after, base),
    edgesRemoved: edgesWithout(base, after),
    workflow,
    layout: {
      moved: pairs.filter(({ old, step }) => !jsonEqual(old.position, step.position)).map(({ step }) => step.id),
      fields: (['notes', 'groups'] as const).flatMap((key) => fieldChanges(base[key] as Json, after[key] as Json, [key])),
    },
    brokenReferences: brokenReferences(before, after, catalog),
    counts: {
      added: added.length,
      changed: new Set([...changed.map((one) => one.id), ...renamed.map((one) => one.to)]).size,
      removed: removed.length,
    },
  };
}

const WORKFLOW_KEYS = (Object.keys(Definition.shape) as (keyof Definition)[]).filter((key) => !['steps', 'notes', 'groups'].includes(key));
const FIELD_KEYS = (Object.keys(Step.shape) as (keyof Step)[]).filter((key) => !['id', 'position', 'depends_on'].includes(key));

/** Rounds of looking for renames: each can uncover steps that differed only by the names found in the one before. */
const MAX_ROUNDS = 20;

/** Steps that only have another id, and `before` with those ids. */
export function findRenames(before: Definition, after: Definition, catalog: StepCatalog) {
  const renamed: { from: string; to: string }[] = [];
  let base = before;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const removed = base.steps.filter((step) => !stepIndex(after).has(step.id));
    const added = after.steps.filter((step) => !stepIndex(base).has(step.id));
    if (removed.length === 0 || added.length === 0) break;
    const byContent = Map.groupBy(removed, contentOf);
    const names = new Map<string, string>();
    for (const step of added) {
      const from = byContent.get(contentOf(step))?.shift();
      if (from !== undefined) names.set(from.id, step.id);
    }
    if (names.size === 0) break;
    for (const [from, to] of names) renamed.push({ from, to });
    base = renameSteps(base, names, catalog);
  }
  return { renamed, base };
}

function contentOf(step: Step): string {
  const { id: _id, position: _position, ...content } = step;
  return canonicalJson(content as unknown as Json);
}

function changeOf(old: Step, step: Step, renamedFrom: string | null): StepChange[] {
  const fields = FIELD_KEYS.flatMap((key) => fieldChanges(old[key] as Json, step[key] as Json, [key]));
  const edgesAdded = ownEdgesWithout(step, old);
  const edgesRemoved = ownEdgesWithout(old, step);
  if (edgesAdded.length === 0 && edgesRemoved.length === 0) {
    // The same edges, written differently: another order, or an empty list for none.
    const [was, is] = [old.depends_on as Json | undefined, step.depends_on as Json | undefined];
    fields.push(...fieldChanges(was, is, ['depends_on']));
  }
  if (fields.length === 0 && edgesAdded.length === 0 && edgesRemoved.length === 0) return [];
  return [{ id: step.id, renamedFrom, fields, edgesAdded, edgesRemoved }];
}

function ownEdgesWithout(step: Step, other: Step): EdgeRef[] {
  return (step.depends_on ?? [])
    .filter((dependency) => !other.depends_on?.some((known) => sameDependency(known, dependency)))
    .map((dependency) => ({ from: dependencyStep(dependency), to: step.id, branch: dependencyBranch(dependency) }));
}

function edgesWithout(definition: Definition, other: Definition): EdgeRef[] {
  const key = (edge: EdgeRef) => JSON.stringify([dependencyOf(edge.from, edge.branch), edge.to]);
  const known = new Set(edgesOf(other).map(key));
  return edgesOf(definition).filter((edge) => !known.has(key(edge)));
}

function summaryOf(
  added: readonly Step[],
  removed: readonly Step[],
  changed: readonly StepChange[],
  renamed: readonly unknown[],
  reordered: boolean,
): string {
  const count = (verb: string, { length }: readonly unknown[]) =>
    length === 0 ? [] : [`${verb} ${length} step${length === 1 ? '' : 's'}`];
  const steps = [...count('added', added), ...count('removed', removed), ...count('modified', changed), ...count('renamed', renamed)];
  const parts = steps.length > 0 || !reordered ? steps : ['reordered steps'];
  const text = parts.length > 0 ? parts.join(', ') : 'changed workflow settings';
  return text.charAt(0).toUpperCase() + text.slice(1);
}
