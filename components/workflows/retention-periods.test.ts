import { expect, test } from 'vitest';
import { periodOptions, periodSeconds, periodValue, periodWords } from './retention-periods.ts';

test.each([
  [86_400, '1 day'],
  [7 * 86_400, '7 days'],
  [365 * 86_400, '1 year'],
  [36 * 3600, '36 hours'],
  [90 * 60, '90 minutes'],
  [61, '61 seconds'],
])('%i seconds are told as %s', (seconds, words) => expect(periodWords(seconds)).toBe(words));

test('the period that a program set can be kept, in its place among the usual ones', () => {
  expect(periodOptions(36 * 3600).map((option) => option.label)).toEqual([
    'For ever',
    '1 day',
    '36 hours',
    '7 days',
    '30 days',
    '90 days',
    '1 year',
  ]);
  expect(periodOptions(null)).toHaveLength(6);
  expect(periodOptions(7 * 86_400)).toHaveLength(6);
});

test('what is chosen comes back as it was', () => {
  for (const seconds of [null, 86_400, 61]) expect(periodSeconds(periodValue(seconds))).toBe(seconds);
});
