import type { Json } from '#lib/base/json.ts';
import { jsonEqual } from '#lib/base/json.ts';
import type { Definition, Dependency, Step } from './definition.ts';
import { withDependencies } from './edit-edges.ts';
import { type FieldChange, fieldChanges } from './field-changes.ts';
import { dependencyStep } from './graph.ts';
import { type IdConflict, type ThreeDefinitions, withSameNames } from './merge-names.ts';
import { type MergePath, type MergeRules, mergeValue, type Side, type ValueConflict } from './merge-values.ts';
import { renameSteps } from './rename-step.ts';
import { NO_TYPES } from './step-references.ts';
import type { StepCatalog } from './step-type.ts';
import { componentsInOrder, stepIndex } from './upstream.ts';

export type { Side, ThreeDefinitions };

/** One value that each side changed to something else; absent values are `undefined`. */
export interface ConflictField {
  /** Words for people: `Config › url`. */
  readonly label: string;
  readonly base?: Json | undefined;
  readonly mine?: Json | undefined;
  readonly theirs?: Json | undefined;
}

/** What both sides changed of one thing. One choice decides all of its fields. */
export interface MergeConflict {
  /** `steps/fetch`, `notes/…`, `groups/…`, `workflow`, `edges`: what a choice is kept under. */
  readonly key: string;
  readonly kind: 'step' | 'note' | 'group' | 'workflow' | 'edges';
  readonly id: string | null;
  /** The side that removed it, where one did. */
  readonly removedBy: Side | null;
  readonly fields: readonly ConflictField[];
}

export interface Merge {
  readonly definition: Definition;
  /** Empty where everything could be merged. */
  readonly conflicts: readonly MergeConflict[];
}

/** Whose side stands, by the key of a conflict. One that is not named stands as mine. */
export type MergeChoices = ReadonlyMap<string, Side>;

const NOTHING_CHOSEN: MergeChoices = new Map();
const UNITS = [['join', 'min_success', 'cancel_rest'], ['on_error', 'fallback_step'], ['position'], ['size']] as const;
const SETS = new Set(['depends_on', 'context_from']);
const NO_VALUE_UNITS: readonly (readonly string[])[] = [];

/**
 * The three-way merge of two definitions that began as `base`, by step and by field of a step; edges one by one; notes,
 * groups and settings too. What one side alone changed is taken. Where both changed the same, `conflicts` says so and
 * `choices` decides. Where a thing stands on the canvas is no matter to ask about: mine counts.
 */
export function mergeDefinitions(three: ThreeDefinitions, choices = NOTHING_CHOSEN, catalog: StepCatalog = NO_TYPES): Merge {
  const { base, mine, theirs } = three;
  if (jsonEqual(mine, theirs) || jsonEqual(base, theirs)) return { definition: mine, conflicts: [] };
  if (jsonEqual(base, mine)) return { definition: theirs, conflicts: [] };
  const named = withSameNames(three, catalog);
  const found: ValueConflict[] = named.conflicts.map(idConflict);
  const rules: MergeRules = {
    decide(conflict) {
      if (conflict.path.at(-1) === 'position' || conflict.path.at(-1) === 'size') return 'mine';
      found.push(conflict);
      return choices.get(keyOf(conflict.path)) ?? 'mine';
    },
    isSet: (path) => SETS.has(path.at(-1) ?? '') || (path[0] === 'groups' && path[2] === 'steps'),
    units: unitsOf,
    isNeeded: (path, by) => path.length === 2 && path[0] === 'steps' && gotFollower(named, path[1] ?? '', by),
  };
  const kept = { base: keepingEdges(named.base, named), mine: keepingEdges(named.mine, named), theirs: keepingEdges(named.theirs, named) };
  const merged = mergeValue(asJson(kept), [], rules) as unknown as Definition;
  const whole = withoutLooseEnds({ ...merged, steps: merged.steps ?? [] }, named);
  const straight = withoutCycles(whole, named, choices);
  const conflicts = conflictsOf(found);
  if (straight.made) conflicts.push(EDGE_CONFLICT);
  return { definition: withTheirIds(straight.definition, named.conflicts, choices, catalog), conflicts };
}

const EDGE_CONFLICT: MergeConflict = { key: 'edges', kind: 'edges', id: null, removedBy: null, fields: [] };

/** The same definition with those steps of `other` that are equal: what follows compares by identity. */
export function sharingSteps(definition: Definition, other: Definition): Definition {
  const index = stepIndex(other);
  const steps = definition.steps.map((step) => {
    const same = other.steps[index.get(step.id) ?? -1];
    return same !== undefined && jsonEqual(same, step) ? same : step;
  });
  return { ...definition, steps };
}

function asJson({ base, mine, theirs }: ThreeDefinitions) {
  return { base: base as unknown as Json, mine: mine as unknown as Json, theirs: theirs as unknown as Json };
}

/** A config belongs to its type: of two types there is no mixture. */
function unitsOf(path: MergePath, mine: Record<string, unknown>, theirs: Record<string, unknown>): readonly (readonly string[])[] {
  const isThing = (path[0] === 'steps' && path.length === 2) || typeof mine.type === 'string' || path[0] === 'notes';
  if (!isThing) return NO_VALUE_UNITS;
  return mine.type === theirs.type ? UNITS : [...UNITS, ['type', 'config']];
}

function keyOf(path: MergePath): string {
  const [part, id] = path;
  return part !== undefined && id !== undefined && ['steps', 'notes', 'groups'].includes(part) ? `${part}/${id}` : 'workflow';
}

/** Whether that side let something follow a step which nothing followed before. */
function gotFollower({ base, ...sides }: ThreeDefinitions, id: string, by: Side): boolean {
  const follows = (step: Step | undefined) => step?.depends_on?.some((one) => dependencyStep(one) === id) === true;
  return sides[by].steps.some((step) => follows(step) && !follows(base.steps[stepIndex(base).get(step.id) ?? -1]));
}

/**
 * A side without its removed steps' edges looks as if it had cut them. Here they are as in base, so that a step that stays
 * because the other side needs it keeps its followers; those of steps that do go are taken out afterwards.
 */
function keepingEdges(side: Definition, { base }: ThreeDefinitions): Definition {
  if (side === base) return side;
  const gone = new Set(base.steps.filter((step) => !stepIndex(side).has(step.id)).map((step) => step.id));
  if (gone.size === 0) return side;
  const steps = side.steps.map((step) => {
    const lost = (base.steps[stepIndex(base).get(step.id) ?? -1]?.depends_on ?? []).filter(
      (one) => gone.has(dependencyStep(one)) && !hasDependency(step, one),
    );
    return lost.length === 0 ? step : withDependencies(step, [...(step.depends_on ?? []), ...lost]);
  });
  return { ...side, steps };
}

function hasDependency(step: Step | undefined, dependency: Dependency): boolean {
  return step?.depends_on?.some((known) => jsonEqual(known, dependency)) === true;
}

/** Without edges and group members whose step is gone; those that led nowhere before stay to be reported. */
function withoutLooseEnds(merged: Definition, { mine, theirs, base }: ThreeDefinitions): Definition {
  const index = stepIndex(merged);
  const wasThere = (id: string) => [mine, theirs, base].some((side) => stepIndex(side).has(id));
  const isLoose = (id: string) => !index.has(id) && wasThere(id);
  const steps = merged.steps.map((step) => {
    const kept = step.depends_on?.filter((one) => !isLoose(dependencyStep(one)));
    return kept === undefined || kept.length === step.depends_on?.length ? step : withDependencies(step, kept);
  });
  const groups = merged.groups?.map((group) =>
    group.steps.some(isLoose) ? { ...group, steps: group.steps.filter((id) => !isLoose(id)) } : group,
  );
  return { ...merged, steps, ...(groups === undefined ? {} : { groups }) };
}

/** Edges that are sound on each side can close a circle together: then those of one side stand. */
function withoutCycles(merged: Definition, { mine, theirs }: ThreeDefinitions, choices: MergeChoices) {
  if (!hasCycle(merged) || hasCycle(mine) || hasCycle(theirs)) return { definition: merged, made: false };
  const side = (choices.get('edges') ?? 'mine') === 'mine' ? mine : theirs;
  const steps = merged.steps.map((step) => {
    const own = side.steps[stepIndex(side).get(step.id) ?? -1];
    if (own === undefined) return step;
    return withDependencies(
      step,
      // One that led nowhere on this side may lead to a step that the other added, and so be part of the circle.
      (own.depends_on ?? []).filter((one) => stepIndex(side).has(dependencyStep(one)) === stepIndex(merged).has(dependencyStep(one))),
    );
  });
  return { definition: { ...merged, steps }, made: true };
}

function hasCycle(definition: Definition): boolean {
  const index = stepIndex(definition);
  const before = definition.steps.map((step) => (step.depends_on ?? []).flatMap((one) => index.get(dependencyStep(one)) ?? []));
  return componentsInOrder(before).some((members) => members.length > 1);
}

function idConflict({ base, mine, theirs }: IdConflict): ValueConflict {
  return { path: ['steps', mine, 'id'], base, mine, theirs };
}

function withTheirIds(definition: Definition, conflicts: readonly IdConflict[], choices: MergeChoices, catalog: StepCatalog): Definition {
  return conflicts.reduce((current, { mine, theirs }) => {
    if (choices.get(`steps/${mine}`) !== 'theirs' || stepIndex(current).has(theirs)) return current;
    return renameSteps(current, new Map([[mine, theirs]]), catalog);
  }, definition);
}

function conflictsOf(found: readonly ValueConflict[]): MergeConflict[] {
  const kinds = { steps: 'step', notes: 'note', groups: 'group' } as const;
  return [...Map.groupBy(found, ({ path }) => keyOf(path))].map(([key, parts]) => {
    const [part, ...rest] = key.split('/');
    const whole = parts.find(({ path }) => path.length === 2 && key !== 'workflow');
    return {
      key,
      kind: kinds[part as keyof typeof kinds] ?? 'workflow',
      id: rest.length === 0 ? null : rest.join('/'),
      removedBy: whole === undefined ? null : whole.mine === undefined ? 'mine' : 'theirs',
      fields: whole === undefined ? parts.map((one) => fieldOf(one, key)) : changedFields(whole),
    };
  });
}

function fieldOf({ path, base, mine, theirs }: ValueConflict, key: string): ConflictField {
  const inside = key === 'workflow' ? path : path.slice(2);
  const [change] = fieldChanges(0, 1, inside);
  return { label: change?.label ?? '', base, mine, theirs };
}

/** What the side that kept a removed thing did with it. */
function changedFields({ base, mine, theirs }: ValueConflict): ConflictField[] {
  const side = mine === undefined ? 'theirs' : 'mine';
  return fieldChanges(base, mine ?? theirs, []).map((change: FieldChange) => ({
    label: change.label,
    base: change.before,
    [side]: change.after,
  }));
}
