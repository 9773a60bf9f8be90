import { expect, test } from 'vitest';
import { Paging, queryInt } from './contract.ts';

test.each([
  ['0', 'Must be at least 1'],
  ['201', 'Must be at most 200'],
  ['1.5', 'Must be a whole number'],
  ['many', 'Must be a whole number'],
])('a limit of %s is refused in words that say what it should be', (limit, message) => {
  const { error } = Paging.safeParse({ limit });
  expect(error?.issues.map((issue) => issue.message)).toEqual([message]);
});

test('a whole number in a query is read as one', () => {
  expect(queryInt().min(1).max(200).parse('17')).toBe(17);
});
