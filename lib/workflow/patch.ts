import { escapePointer, isJsonObject, type Json, type JsonObject, jsonEqual } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import { alignItems } from './align-items.ts';

/** One operation of an RFC 6902 patch. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/**
 * A small RFC 6902 patch that turns `before` into `after` with any library. Equal values give an empty one. Objects are
 * compared by key; lists whose items have ids by id (a moved step is a `move`, a renamed one keeps its place), other lists
 * by their longest common part. Members that are `undefined` count as absent; `null` is a value.
 */
export function createPatch(before: Json, after: Json): PatchOperation[] {
  const operations: PatchOperation[] = [];
  compare(before, after, '', operations);
  return operations;
}

function compare(before: Json, after: Json, path: string, out: PatchOperation[]): void {
  if (before === after || jsonEqual(before, after)) return;
  if (isJsonObject(before) && isJsonObject(after)) compareObjects(before, after, path, out);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, out);
  else out.push({ op: 'replace', path, value: plain(after) });
}

function present(object: JsonObject): string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}

function compareObjects(before: JsonObject, after: JsonObject, path: string, out: PatchOperation[]): void {
  const keep = new Set(present(after));
  const old = present(before);
  for (const key of old) if (!keep.has(key)) out.push({ op: 'remove', path: `${path}/${escapePointer(key)}` });
  const known = new Set(old);
  for (const key of keep) {
    const at = `${path}/${escapePointer(key)}`;
    const value = after[key] as Json;
    if (known.has(key)) compare(before[key] as Json, value, at, out);
    else out.push({ op: 'add', path: at, value: plain(value) });
  }
}

/**
 * Removals from the end, then what is moved or new from the start, each right behind the item that precedes it in
 * `after` (so every item has found its place once the last is placed), then the changes inside items that stayed.
 */
function compareLists(before: readonly Json[], after: readonly Json[], path: string, out: PatchOperation[]): void {
  const { pairs, stays } = alignItems(before, after);
  const source = new Map(pairs.map(([from, to]) => [to, from]));
  const kept = new Set(pairs.map(([from]) => from));
  /** The list as it stands: indices into `before`, new items as ~index into `after`. */
  let working = before.map((_, index) => index);
  for (let index = before.length - 1; index >= 0; index -= 1) {
    if (!kept.has(index)) out.push({ op: 'remove', path: `${path}/${index}` });
  }
  working = working.filter((index) => kept.has(index));
  const tokenOf = (to: number) => source.get(to) ?? ~to;
  let behind = 0;
  for (let to = 0; to < after.length; to += 1) {
    const token = tokenOf(to);
    if (to > 0) behind = place(working, tokenOf(to - 1), behind) + 1;
    if (token < 0) {
      out.push({ op: 'add', path: `${path}/${behind}`, value: plain(after[to] as Json) });
      working.splice(behind, 0, token);
    } else if (!stays.has(token)) {
      const from = working.indexOf(token);
      working.splice(from, 1);
      const target = from < behind ? behind - 1 : behind;
      if (from !== target) out.push({ op: 'move', from: `${path}/${from}`, path: `${path}/${target}` });
      working.splice(target, 0, token);
    }
  }
  for (const [from, to] of pairs) compare(before[from] as Json, after[to] as Json, `${path}/${to}`, out);
}

/** Index of a token; it mostly stands where the last one was found, so the search starts there. */
function place(working: readonly number[], token: number, hint: number): number {
  for (let near = Math.max(0, hint - 1); near <= hint + 1; near += 1) if (working[near] === token) return near;
  return working.indexOf(token);
}

/** A value without `undefined` members, which no patch could carry. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(plain);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(present(value).map((key) => [key, plain(value[key] as Json)]));
}

type Applied = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problems: readonly Problem[] };

/** A fault inside one operation; caught at the door of this file. */
class PatchFault extends Error {}

/**
 * `before` with an RFC 6902 patch applied, as a new value that shares what the patch leaves alone. All or nothing: one
 * operation that does not fit (or a failed `test`) refuses the whole patch, saying which.
 */
export function applyPatch(before: Json, patch: readonly PatchOperation[]): Applied {
  let value = before;
  for (const [index, operation] of patch.entries()) {
    try {
      value = applyOne(value, operation);
    } catch (fault) {
      if (!(fault instanceof PatchFault)) throw fault;
      return {
        ok: false,
        problems: [{ path: operation.path, code: 'patch_mismatch', message: `Operation ${index + 1}: ${fault.message}` }],
      };
    }
  }
  return { ok: true, value };
}

function applyOne(document: Json, operation: PatchOperation): Json {
  const path = tokens(operation.path);
  switch (operation.op) {
    case 'add':
      return added(document, path, operation.value);
    case 'remove':
      return removed(document, path);
    case 'replace':
      valueAt(document, path);
      return path.length === 0 ? operation.value : changed(document, path, (parent, key) => withMember(parent, key, operation.value));
    case 'move': {
      const from = tokens(operation.from);
      if (from.length < path.length && from.every((token, at) => token === path[at]))
        throw new PatchFault('a value can not be moved into itself');
      const moved = valueAt(document, from);
      return operation.from === operation.path ? document : added(removed(document, from), path, moved);
    }
    case 'copy':
      return added(document, path, valueAt(document, tokens(operation.from)));
    case 'test':
      if (!jsonEqual(valueAt(document, path), operation.value)) throw new PatchFault(`the value at '${operation.path}' is another`);
      return document;
  }
}

function tokens(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) throw new PatchFault(`'${pointer}' is no JSON Pointer`);
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexIn(list: readonly Json[], token: string, last: number): number {
  if (!/^(0|[1-9]\d*)$/.test(token) || Number(token) > last) throw new PatchFault(`'${token}' is no place in a list of ${list.length}`);
  return Number(token);
}

function valueAt(document: Json, path: readonly string[]): Json {
  let value = document;
  for (const token of path) {
    if (Array.isArray(value)) value = (value as readonly Json[])[indexIn(value, token, value.length - 1)] as Json;
    else if (isJsonObject(value) && Object.hasOwn(value, token) && value[token] !== undefined) value = value[token];
    else throw new PatchFault(`there is no '${token}'`);
  }
  return value;
}

function added(document: Json, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  return changed(document, path, (parent, key) => {
    if (!Array.isArray(parent)) return withMember(parent, key, value);
    return (parent as readonly Json[]).toSpliced(key === '-' ? parent.length : indexIn(parent, key, parent.length), 0, value);
  });
}

function removed(document: Json, path: readonly string[]): Json {
  if (path.length === 0) throw new PatchFault('the whole document can not be removed');
  valueAt(document, path);
  return changed(document, path, (parent, key) => {
    if (Array.isArray(parent)) return (parent as readonly Json[]).toSpliced(Number(key), 1);
    return isJsonObject(parent) ? Object.fromEntries(Object.entries(parent).filter(([name]) => name !== key)) : parent;
  });
}

/** The document with the parent of `path` changed; what is not on the way is shared. */
function changed(document: Json, path: readonly string[], change: (parent: Json, key: string) => Json): Json {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return change(document, key);
  const child = changed(valueAt(document, [key]), rest, change);
  return withMember(document, key, child);
}

function withMember(parent: Json, key: string, value: Json): Json {
  if (Array.isArray(parent)) return (parent as readonly Json[]).with(indexIn(parent, key, parent.length - 1), value);
  if (!isJsonObject(parent)) throw new PatchFault(`'${key}' stands in a value that has no members`);
  // `fromEntries` defines own members, so `__proto__` is a key like any other; an existing key keeps its place.
  if (Object.hasOwn(parent, key))
    return Object.fromEntries(Object.entries(parent).map(([name, old]) => [name, name === key ? value : old]));
  return Object.fromEntries([...Object.entries(parent), [key, value]]);
}
