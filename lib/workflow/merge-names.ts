import { jsonEqual } from '#lib/base/json.ts';
import { idsInside } from './check-bodies.ts';
import type { Definition, Step } from './definition.ts';
import { findRenames } from './diff.ts';
import { mintStepId } from './remint-ids.ts';
import { renameSteps } from './rename-step.ts';
import type { StepCatalog } from './step-type.ts';
import { stepIndex } from './upstream.ts';

export interface ThreeDefinitions {
  readonly base: Definition;
  readonly mine: Definition;
  readonly theirs: Definition;
}

/** A step that both sides gave another id. */
export interface IdConflict {
  readonly base: string;
  readonly mine: string;
  readonly theirs: string;
}

export interface SameNames extends ThreeDefinitions {
  readonly conflicts: readonly IdConflict[];
}

/**
 * The three in one set of ids, so that a step is the same thing in all of them: a rename by one side is made in the
 * others too, and a step that both added under one id (the first `http_request` of each) is two steps.
 */
export function withSameNames({ base, mine, theirs }: ThreeDefinitions, catalog: StepCatalog): SameNames {
  const conflicts: IdConflict[] = [];
  const named = { base, mine, theirs };
  const byMe = new Map(findRenames(base, mine, catalog).renamed.map(({ from, to }) => [from, to]));
  const byThem = new Map(findRenames(base, theirs, catalog).renamed.map(({ from, to }) => [from, to]));
  for (const [from, to] of byMe) {
    const other = byThem.get(from);
    if (other === undefined || other === to || stepIndex(named.theirs).has(to)) continue;
    named.theirs = renamed(named.theirs, other, to, catalog);
    conflicts.push({ base: from, mine: to, theirs: other });
    byThem.set(from, to);
  }
  for (const [from, to] of byMe) {
    if (byThem.has(from)) {
      if (byThem.get(from) === to && !stepIndex(named.base).has(to)) named.base = renamed(named.base, from, to, catalog);
      continue;
    }
    if (stepIndex(named.theirs).has(to) || stepIndex(named.base).has(to)) continue;
    named.base = renamed(named.base, from, to, catalog);
    named.theirs = renamed(named.theirs, from, to, catalog);
  }
  for (const [from, to] of byThem) {
    if (byMe.has(from) || stepIndex(named.mine).has(to) || stepIndex(named.base).has(to)) continue;
    named.base = renamed(named.base, from, to, catalog);
    named.mine = renamed(named.mine, from, to, catalog);
  }
  return { ...named, mine: withOwnIds(named, catalog), conflicts };
}

function renamed(definition: Definition, from: string, to: string, catalog: StepCatalog): Definition {
  return stepIndex(definition).has(from) ? renameSteps(definition, new Map([[from, to]]), catalog) : definition;
}

/** Mine, where what both added under one id has a free one: both are kept. */
function withOwnIds({ base, mine, theirs }: ThreeDefinitions, catalog: StepCatalog): Definition {
  const known = stepIndex(base);
  const taken = new Set([...mine.steps, ...theirs.steps].flatMap((step) => [step.id, ...idsInside(step, catalog)]));
  const names = new Map<string, string>();
  for (const step of mine.steps) {
    const other = known.has(step.id) ? undefined : theirs.steps[stepIndex(theirs).get(step.id) ?? -1];
    if (other === undefined || jsonEqual(withoutPosition(step), withoutPosition(other))) continue;
    const id = mintStepId(step.id, taken);
    taken.add(id);
    names.set(step.id, id);
  }
  const steps = names.size === 0 ? mine : renameSteps(mine, names, catalog);
  return { ...steps, ...ownParts('notes', base, steps, theirs), ...ownParts('groups', base, steps, theirs) };
}

function ownParts<K extends 'notes' | 'groups'>(key: K, base: Definition, mine: Definition, theirs: Definition): Partial<Definition> {
  const ids = (of: Definition) => new Map((of[key] ?? []).map((part) => [part.id, part]));
  const [was, other] = [ids(base), ids(theirs)];
  const taken = new Set([...other.keys(), ...ids(mine).keys()]);
  let changed = false;
  const parts = (mine[key] ?? []).map((part) => {
    const same = other.get(part.id);
    if (was.has(part.id) || same === undefined || jsonEqual(same, part)) return part;
    changed = true;
    const id = mintStepId(part.id, taken);
    taken.add(id);
    return { ...part, id };
  });
  return changed ? { [key]: parts } : {};
}

function withoutPosition(step: Step): Step {
  const { position: _, ...rest } = step;
  return rest;
}
