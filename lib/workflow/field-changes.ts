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
  const [old, next] = [idsOf(before), idsOf(after)];
  if (old !== null && next !== null) {
    const ids = new Set([...old.keys(), ...next.keys()]);
    return [...ids].flatMap((id) => fieldChanges(old.get(id)?.item, next.get(id)?.item, [...path, (next.get(id) ?? old.get(id))?.at ?? 0]));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    const list = after as readonly Json[];
    return before.flatMap((item: Json, index) => fieldChanges(item, list[index], [...path, index]));
  }
  return [{ ...place, kind: 'changed', before, after }];
}

/** Items by id, where all have one of their own: steps inside of a loop are told apart by it, not by their place. */
function idsOf(list: Json): Map<string, { readonly item: Json; readonly at: number }> | null {
  if (!Array.isArray(list) || list.length === 0) return null;
  const byId = new Map<string, { readonly item: Json; readonly at: number }>();
  for (const [at, item] of (list as readonly Json[]).entries())
    if (isJsonObject(item) && typeof item.id === 'string') byId.set(item.id, { item, at });
  return byId.size === list.length ? byId : null;
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
