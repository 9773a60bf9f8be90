import { isJsonObject, type Json } from '#lib/base/json.ts';

/**
 * A JSON value with one place in it changed: keys and indexes lead there, an absent `value` removes it, and objects that
 * are missing on the way are made. Members keep their order; what is not on the way keeps its identity.
 */
export function setAt(target: Json | undefined, path: readonly (string | number)[], value: Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(target) && typeof key === 'number') {
    const list = target as readonly Json[];
    const next = setAt(list[key], rest, value);
    if (next === undefined) return list.filter((_, index) => index !== key);
    return key < list.length ? list.with(key, next) : [...list, next];
  }
  if (target === undefined && value === undefined) return undefined;
  if (typeof key === 'number' && !isJsonObject(target)) {
    const next = setAt(undefined, rest, value);
    return next === undefined ? [] : [next];
  }
  const members: readonly (readonly [string, Json])[] = isJsonObject(target) ? Object.entries(target) : [];
  const name = String(key);
  const next = setAt(members.find(([member]) => member === name)?.[1], rest, value);
  // `fromEntries` defines own members, so a key such as `__proto__` stays a key.
  if (next === undefined) return Object.fromEntries(members.filter(([member]) => member !== name));
  if (members.some(([member]) => member === name))
    return Object.fromEntries(members.map(([member, old]) => [member, member === name ? next : old]));
  return Object.fromEntries([...members, [name, next]]);
}
