/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Text of a JSON value with object keys in code-unit order, so that equal values give equal bytes
 * (the ordering rule of RFC 8785). Absent (`undefined`) members are left out.
 */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (!isJsonObject(member)) return member;
    const ordered: Record<string, unknown> = Object.create(null);
    for (const key of Object.keys(member).sort()) ordered[key] = member[key];
    return ordered;
  });
}

/** Structural equality of two JSON values; key order does not count, `undefined` members count as absent. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => jsonEqual(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left).filter((key) => left[key] !== undefined);
  if (keys.length !== Object.keys(right).filter((key) => right[key] !== undefined).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && jsonEqual(left[key], right[key]));
}

/** One reference token escaped for a JSON Pointer (RFC 6901 §3). */
export function escapePointer(token: string | number): string {
  return String(token).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** JSON Pointer (RFC 6901) of a path; the empty path is the whole document, `''`. */
export function toPointer(path: readonly (string | number | symbol)[]): string {
  return path.map((token) => `/${escapePointer(String(token))}`).join('');
}
