import type { Json } from '#lib/base/json.ts';
import { isSmallerThan } from '#lib/base/value-size.ts';

/** Estimated bytes that a step or a workflow may pass on. */
const MAX_BYTES = 1024 * 1024;

/**
 * A value as the journal keeps it, so that code sees the same now and in every replay: dates have become text, `undefined`
 * is null. Throws for what JSON or the database cannot hold, and for more than 1 MiB.
 */
export function plainJson(value: unknown): Json {
  const text = JSON.stringify(value ?? null);
  if (text === undefined) throw new TypeError(`A ${typeof value} cannot be kept as JSON`);
  const plain = JSON.parse(text, (_key, member: unknown) => {
    if (typeof member === 'string' && (member.includes('\u0000') || !member.isWellFormed())) {
      throw new TypeError('The result holds text that cannot be stored: NUL, or half a character');
    }
    return member;
  }) as Json;
  if (!isSmallerThan(MAX_BYTES, plain)) throw new RangeError('The result is larger than the 1 MiB that a step may pass on');
  return plain;
}
