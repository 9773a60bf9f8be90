import { isJsonObject, type Json, jsonEqual } from '#lib/base/json.ts';
import { mergeOrder } from './merge-order.ts';

export type Side = 'mine' | 'theirs';
export type MergePath = readonly string[];

/** One value that both sides changed, each to something else. An absent value is `undefined`. */
export interface ValueConflict {
  readonly path: MergePath;
  readonly base: Json | undefined;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
}

/** What a merge of values asks about the place that it has come to. */
export interface MergeRules {
  /** Both sides changed this; the answer is whose value stands. */
  readonly decide: (conflict: ValueConflict) => Side;
  /** Lists at these places are sets: each side's additions and removals count, whatever the other did. */
  readonly isSet: (path: MergePath) => boolean;
  /** Keys of an object that only make sense together are decided together. */
  readonly units: (path: MergePath, mine: Record<string, unknown>, theirs: Record<string, unknown>) => readonly (readonly string[])[];
  /** Asks whether an item that one side removed is still needed by what the other side did. */
  readonly isNeeded?: (path: MergePath, by: Side) => boolean;
}

type Value = Json | undefined;
interface Three {
  readonly base: Value;
  readonly mine: Value;
  readonly theirs: Value;
}

/**
 * The three-way merge of one value: what one side alone changed is taken, objects are entered by key and lists of things
 * with ids by id. Where both sides changed the same value in different ways, `decide` is asked. Values that nobody
 * changed keep the identity that they have in `mine`.
 */
export function mergeValue(three: Three, path: MergePath, rules: MergeRules): Value {
  const { base, mine, theirs } = three;
  if (jsonEqual(mine, theirs)) return mine;
  if (jsonEqual(base, mine)) return theirs;
  if (jsonEqual(base, theirs)) return mine;
  const [ofBase, ofMine, ofTheirs] = [listOf(base), listOf(mine), listOf(theirs)];
  if (rules.isSet(path) && ofBase !== null && ofMine !== null && ofTheirs !== null) return mergeSet(ofBase, ofMine, ofTheirs);
  const [baseIds, mineIds, theirIds] = [byId(base), byId(mine), byId(theirs)];
  if (baseIds !== null && mineIds !== null && theirIds !== null) return mergeItems(baseIds, mineIds, theirIds, path, rules);
  if (isJsonObject(mine) && isJsonObject(theirs) && (base === undefined || isJsonObject(base))) {
    return mergeObject(base ?? {}, mine, theirs, path, rules);
  }
  return rules.decide({ path, base, mine, theirs }) === 'mine' ? mine : theirs;
}

function mergeObject(
  base: Record<string, Json>,
  mine: Record<string, Json>,
  theirs: Record<string, Json>,
  path: MergePath,
  rules: MergeRules,
): Json {
  const units = rules.units(path, mine, theirs);
  const together = new Set(units.flat());
  const keys = mergeOrder(Object.keys(base), Object.keys(mine), Object.keys(theirs));
  const values = new Map<string, Value>();
  for (const key of keys) {
    if (together.has(key)) continue;
    const three = { base: own(base, key), mine: own(mine, key), theirs: own(theirs, key) };
    values.set(key, mergeValue(three, [...path, key], rules));
  }
  for (const unit of units) for (const [key, value] of mergeUnit(unit, base, mine, theirs, path, rules)) values.set(key, value);
  return Object.fromEntries(keys.flatMap((key) => (values.get(key) === undefined ? [] : [[key, values.get(key) as Json]])));
}

function mergeUnit(
  keys: readonly string[],
  base: Record<string, Json>,
  mine: Record<string, Json>,
  theirs: Record<string, Json>,
  path: MergePath,
  { decide }: MergeRules,
): [string, Value][] {
  const part = (of: Record<string, Json>) => Object.fromEntries(keys.flatMap((key) => (of[key] === undefined ? [] : [[key, of[key]]])));
  const [was, my, their] = [part(base), part(mine), part(theirs)];
  let side: Side = 'mine';
  if (!jsonEqual(my, their) && !jsonEqual(was, their)) {
    side = 'theirs';
    if (!jsonEqual(was, my)) {
      const differing = keys.filter((key) => !jsonEqual(mine[key], theirs[key]));
      const sides = differing.map((key) =>
        decide({ path: [...path, key], base: own(base, key), mine: own(mine, key), theirs: own(theirs, key) }),
      );
      side = sides[0] ?? 'mine';
    }
  }
  const from = side === 'mine' ? mine : theirs;
  return keys.map((key) => [key, own(from, key)]);
}

/** Things with ids. What one side removed and the other left alone goes; what the other changed meanwhile is asked about. */
function mergeItems(base: Items, mine: Items, theirs: Items, path: MergePath, rules: MergeRules): Json {
  const kept = new Map<string, Json>();
  for (const id of mergeOrder([...base.keys()], [...mine.keys()], [...theirs.keys()])) {
    const three = { base: base.get(id), mine: mine.get(id), theirs: theirs.get(id) };
    const at = [...path, id];
    const value = mergeItem(three, at, rules);
    if (value !== undefined) kept.set(id, value);
  }
  return [...kept.values()];
}

function mergeItem(three: Three, path: MergePath, rules: MergeRules): Value {
  const { base, mine, theirs } = three;
  const remover = base === undefined ? null : mine === undefined ? 'mine' : theirs === undefined ? 'theirs' : null;
  if (remover === null || (mine === undefined && theirs === undefined)) return mergeValue(three, path, rules);
  const other = remover === 'mine' ? theirs : mine;
  const changed = !jsonEqual(withoutPlace(base), withoutPlace(other));
  if (!changed && rules.isNeeded?.(path, remover === 'mine' ? 'theirs' : 'mine') !== true) return undefined;
  return rules.decide({ path, base, mine, theirs }) === 'mine' ? mine : theirs;
}

/** Where a thing stands is no reason to keep it. */
function withoutPlace(value: Value): Value {
  if (!isJsonObject(value)) return value;
  const { position: _, ...rest } = value;
  return rest;
}

function mergeSet(base: readonly Json[], mine: readonly Json[], theirs: readonly Json[]): Json {
  const texts = (list: readonly Json[]) => new Map(list.map((item) => [JSON.stringify(item), item]));
  const [was, my, their] = [texts(base), texts(mine), texts(theirs)];
  return mergeOrder([...was.keys()], [...my.keys()], [...their.keys()]).flatMap((key) => {
    const stays = was.has(key) ? my.has(key) && their.has(key) : my.has(key) || their.has(key);
    return stays ? [(my.get(key) ?? their.get(key)) as Json] : [];
  });
}

type Items = ReadonlyMap<string, Json>;

/** The items of a list by id, where each has one of its own; an absent list is an empty one. */
function byId(list: Value): Items | null {
  if (list === undefined) return new Map();
  if (!Array.isArray(list)) return null;
  const items = new Map<string, Json>();
  for (const item of list as readonly Json[]) if (isJsonObject(item) && typeof item.id === 'string') items.set(item.id, item);
  return items.size === list.length ? items : null;
}

function listOf(value: Value): readonly Json[] | null {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : null;
}

function own(object: Record<string, Json>, key: string): Value {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
