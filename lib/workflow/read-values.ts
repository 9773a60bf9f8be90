import type { Json } from '#lib/base/json.ts';
import { isSmallerThan } from '#lib/base/value-size.ts';
import { nameInExpression, type Reference } from './expression.ts';
import type { ScopeValues } from './expression-scope.ts';

/** What an expression read of its scope when it was asked. */
export interface ReadValue {
  /** As the expression writes it: `steps.fetch.output.count`. */
  readonly path: string;
  /** Absent where the path led nowhere. */
  readonly value?: Json;
  /** The value is too large to be kept: `value` is its beginning, or says what it is. */
  readonly cut?: true;
}

/** What a step's conditions read when they were asked. */
export type ConditionReads = Readonly<Partial<Record<'skip_when' | 'run_when', readonly ReadValue[]>>>;

/** Bytes that the values of one answer take at most in the journal. */
export const MAX_READ_BYTES = 1000;
const MAX_VALUE_BYTES = 200;
const MAX_TEXT = 100;
const REDACTED = '[REDACTED]';

/**
 * The values behind the paths that an expression names, each once, as many as fit into MAX_READ_BYTES. A path that could be
 * anything is left out, and so are secrets; `hidden` tells what must not be shown.
 */
export function readValues(
  references: readonly Reference[],
  values: ScopeValues,
  hidden: (reference: Reference) => boolean,
): readonly ReadValue[] {
  const found = new Map<string, ReadValue>();
  let left = MAX_READ_BYTES;
  for (const reference of references) {
    const { root, step, path } = reference;
    if (root === '*' || root === 'secrets' || (root === 'steps' && step === null)) continue;
    const names = [root, ...(step === null ? [] : [step]), ...path];
    const written = names.map(nameInExpression).join('.');
    if (found.has(written)) continue;
    const value = valueAt(values, names);
    const read = { path: written, ...(value !== undefined && hidden(reference) ? { value: REDACTED } : shown(value)) };
    left -= bytesOf(read) + 1;
    if (left < 0) break;
    found.set(written, read);
  }
  return [...found.values()];
}

function valueAt(values: unknown, names: readonly string[]): Json | undefined {
  let at: unknown = values;
  for (const name of names) {
    // Of a list an expression reads the members; which of them counted, the list itself tells best.
    if (Array.isArray(at)) break;
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at as Json | undefined;
}

function shown(value: Json | undefined): Pick<ReadValue, 'value' | 'cut'> {
  if (value === undefined) return {};
  if (isSmallerThan(MAX_VALUE_BYTES, value) && bytesOf(value) <= MAX_VALUE_BYTES) return { value };
  if (typeof value === 'string') return { value: value.slice(0, MAX_TEXT), cut: true };
  const count = Array.isArray(value) ? value.length : Object.keys(value as object).length;
  return { value: Array.isArray(value) ? `a list of ${count}` : `an object of ${count} members`, cut: true };
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
