import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '#lib/base/duration.ts';

describe('parseDuration', () => {
  it.each<[unknown, number | null]>([
    [5, 5000],
    [0.25, 250],
    ['500ms', 500],
    ['30s', 30_000],
    ['10 minutes', 600_000],
    ['1 hour', 3_600_000],
    ['2 days', 172_800_000],
    ['1h 30m', 5_400_000],
    ['90', 90_000],
    ['', null],
    ['soon', null],
    ['5 fortnights', null],
    ['-5s', null],
    [-1, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    ['366 days', null],
    [null, null],
    [{}, null],
  ])('%j is %j ms', (text, millis) => expect(parseDuration(text)).toBe(millis));

  it('answers at once on long hostile text', () => expect(parseDuration('1s'.repeat(100_000))).toBeNull());
});

it.each([
  [0, '0 ms'],
  [840, '840 ms'],
  [3200, '3.2 s'],
  [42_000, '42 s'],
  [250_000, '4m 10s'],
  [7_500_000, '2h 5m'],
  [273_600_000, '3d 4h'],
  [3_600_000, '1h'],
])('%d ms reads %s', (millis, text) => expect(formatDuration(millis)).toBe(text));
