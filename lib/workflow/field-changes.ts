import { escapePointer, isJsonObject, type Json, jsonEqual } from '#lib/base/json.ts';

/** One field that differs. `path` is a JSON Pointer within the step (or, for workflow fields, the definition). */
export interface FieldChange {
  readonly path: string;
  /** Words for people: `Config › url`. */
  readonly label: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: Json;
  readonly after?: Json;
}

/** The smallest values that differ: objects are entered, lists where they have the same length. Absent is `undefined`. */
export function fieldChanges(before: Json | undefined, after: Json | undefined, path: readonly (string | number)[]): FieldChange[] {
  if (jsonEqual(before, after)) return [];
  const place = { path: path.map((token) => `/${escapePointer(token)}`).join(''), label: labelOf(path) };
  if (before === undefined) return [{ ...place, kind: 'added', after: after as Json }];
  if (after === undefined) return [{ ...place, kind: 'removed', before }];
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => fieldChanges(own(before, key), own(after, key), [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    const list = after as readonly Json[];
    return before.flatMap((item: Json, index) => fieldChanges(item, list[index], [...path, index]));
  }
  return [{ ...place, kind: 'changed', before, after }];
}

function own(object: Readonly<Record<string, Json>>, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** `run_when` → `Run when`; deeper keys are the author's and stay as they are; places in lists count from 1. */
function labelOf(path: readonly (string | number)[]): string {
  return path
    .map((token, level) => {
      if (typeof token === 'number') return String(token + 1);
      if (level > 0) return token === '' ? '""' : token;
      const words = token.replaceAll('_', ' ');
      return words.charAt(0).toUpperCase() + words.slice(1);
    })
    .join(' › ');
}
