import { expect, test } from 'vitest';
import { safeNext } from './safe-next.ts';

test.each([
  ['/runs?status=failed', '/runs?status=failed'],
  ['/runs?status=failed&_rsc=1a', '/runs?status=failed'],
  ['/x/..//evil.example', '/'],
  ['//evil.example/x', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
  [['/a', '/b'], '/'],
])('after sign-in, %s leads to %s', (next, target) => {
  expect(safeNext(next)).toBe(target);
});
