import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSealedByFormerKey, seal, sealKey, UnsealError, unseal } from './seal.ts';

const first = sealKey('first-0123456789-0123456789-0123456789');
const second = sealKey('second-0123456789-0123456789-0123456789');

describe('a sealed value', () => {
  test('opens again, and only in its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        const sealed = seal(text, place, [first]);
        expect(unseal(sealed, place, [first])).toBe(text);
        expect(() => unseal(sealed, `${place}x`, [first])).toThrow(UnsealError);
      }),
    );
  });

  test('is never the same twice and holds nothing of the text', () => {
    const sealed = seal('correct horse battery', 'here', [first]);
    expect(Buffer.from(sealed).equals(Buffer.from(seal('correct horse battery', 'here', [first])))).toBe(false);
    expect(Buffer.from(sealed).includes('horse')).toBe(false);
  });

  test('does not open when a single bit was changed', () => {
    const sealed = seal('correct horse battery', 'here', [first]);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => unseal(changed, 'here', [first])).toThrow(UnsealError);
    }
    expect(() => unseal(sealed.slice(0, 20), 'here', [first])).toThrow(UnsealError);
  });

  test('opens under a former key while the new one seals', () => {
    const old = seal('correct horse battery', 'here', [first]);
    expect(unseal(old, 'here', [second, first])).toBe('correct horse battery');
    expect(() => unseal(old, 'here', [second])).toThrow(/key that is not at hand/);
    expect(isSealedByFormerKey(old, [second, first])).toBe(true);
    expect(isSealedByFormerKey(seal('x', 'here', [second, first]), [second, first])).toBe(false);
  });
});
