import { isJsonObject } from '#lib/base/json.ts';
import { withoutPosition } from './canonical.ts';
import type { Step } from './definition.ts';

const known = new WeakMap<Step, string>();

/**
 * Names what a step does: equal for two steps that differ in their place on the canvas and their shown name alone. It tells
 * whether a result still belongs to its step, and is no secret, so 53 bits without a cryptographic hash are enough.
 */
export function stepFingerprint(step: Step): string {
  let made = known.get(step);
  if (made === undefined) {
    const { name: _name, ...rest } = withoutPosition(step);
    made = hash(JSON.stringify(rest, inOrder));
    known.set(step, made);
  }
  return made;
}

function inOrder(_key: string, value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, value[key]]),
  );
}

/** Two multiplicative hashes of 32 bits over the text, mixed into one number (after cyrb53). */
function hash(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}
