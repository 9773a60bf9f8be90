import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idOfKey, iterationPrefix, turnsOfKey } from './step-key.ts';

const id = fc.stringMatching(/^[A-Za-z0-9_\-.:]{1,12}$/);

test('a key reads back as the way it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(id, fc.nat(9999)), { maxLength: 4 }), id, (way, last) => {
      const prefix = way.reduce((before, [loop, iteration]) => iterationPrefix(before + loop, iteration), '');
      expect(idOfKey(prefix + last)).toBe(last);
      expect(turnsOfKey(prefix + last)).toEqual(way.map(([loop, iteration]) => ({ loop, iteration })));
    }),
  );
});

test.each(['[0].x', 'a[].x', 'a[01].x', 'a[1]x[2].y', 'a[-1].x'])('%s is no key', (text) => {
  expect(turnsOfKey(text)).toBeNull();
});
