import { isJsonObject, type Json, type JsonObject, jsonEqual } from '#lib/base/json.ts';
import { Definition, Group, Note, Step } from './definition.ts';

/**
 * The one form in which definitions are stored: keys of the definition, its steps, notes and groups in the order of the
 * schema (which reads well), keys of everything else in code-unit order, absent members left out. Equal definitions are
 * byte-equal in `canonicalText`. The order of lists is kept; it has a meaning, and so has the order of the `properties` of
 * a JSON Schema: forms are drawn in it.
 */
export function canonicalDefinition<T extends Definition>(definition: T): T {
  const shapes: Record<string, readonly string[]> = { steps: STEP_KEYS, notes: NOTE_KEYS, groups: GROUP_KEYS };
  return inOrder(definition, DEFINITION_KEYS, (key, value) => {
    const keys = shapes[key];
    return keys !== undefined && Array.isArray(value)
      ? value.map((item) => inOrder(item, keys, (_, member) => sorted(member)))
      : sorted(value);
  }) as T;
}

/** The canonical text: what is hashed and compared. */
export function canonicalText(definition: Definition): string {
  return JSON.stringify(canonicalDefinition(definition));
}

const DEFINITION_KEYS = Object.keys(Definition.shape);
const STEP_KEYS = Object.keys(Step.shape);
const NOTE_KEYS = Object.keys(Note.shape);
const GROUP_KEYS = Object.keys(Group.shape);

function inOrder(target: unknown, keys: readonly string[], map: (key: string, value: unknown) => unknown): unknown {
  if (!isJsonObject(target)) return target;
  const others = Object.keys(target)
    .filter((key) => !keys.includes(key))
    .sort();
  return Object.fromEntries(
    [...keys, ...others].flatMap((key) => {
      const value = Object.hasOwn(target, key) ? target[key] : undefined;
      return value === undefined ? [] : [[key, map(key, value)]];
    }),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value === 0 ? 0 : value;
  return inKeys(value, Object.keys(value).sort(), (key, member) =>
    key === 'properties' && value.type === 'object' && isJsonObject(member)
      ? inKeys(member, Object.keys(member), (_, one) => sorted(one))
      : sorted(member),
  );
}

function inKeys(value: JsonObject, keys: readonly string[], map: (key: string, member: Json) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [[key, map(key, member)]];
    }),
  );
}

/** A definition without what only the canvas reads: positions, notes and groups. */
function withoutLayout(definition: Definition): Definition {
  const { notes: _notes, groups: _groups, ...rest } = definition;
  return {
    ...rest,
    steps: definition.steps.map(withoutPosition),
  };
}

/** A step without its place on the canvas, those inside of it too. */
export function withoutPosition(step: Step): Step {
  const { position: _position, ...others } = step;
  if (others.config === undefined || !Object.values(others.config).some(isStepList)) return others;
  const config = Object.entries(others.config).map(([key, value]) => [key, isStepList(value) ? value.map(withoutPosition) : value]);
  return { ...others, config: Object.fromEntries(config) };
}

/** A list of steps inside a config, known by its looks: what is compared here may be of any type. */
function isStepList(value: unknown): value is Step[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isJsonObject(item) && isText(item.id) && isText(item.type));
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** True where two definitions differ, but in layout alone. Such a change makes no step *changed*. */
export function isLayoutOnlyChange(before: Definition, after: Definition): boolean {
  return !definitionsEqual(before, after) && definitionsEqual(withoutLayout(before), withoutLayout(after));
}

/** True where both would be stored as the same bytes. */
export function definitionsEqual(before: Definition, after: Definition): boolean {
  // The first look is cheap where they differ, or share what has not changed.
  return before === after || (jsonEqual(before, after) && canonicalText(before) === canonicalText(after));
}
