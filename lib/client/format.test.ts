import { describe, expect, test } from 'vitest';
import { formatRelative, formatSeconds, formatUpcoming, plural, shortId } from '#lib/client/format.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

describe('formatRelative', () => {
  test.each([
    [3, 'just now'],
    [42, '42 s ago'],
    [125, '2 min ago'],
    [2 * 3600 + 5, '2 h ago'],
    [86_400, '1 day ago'],
    [3 * 86_400, '3 days ago'],
    [-80, 'in 1 min'],
    [-3590, 'in 1 h'],
    [-(2 * 86_400 - 30), 'in 2 days'],
  ])('%i seconds', (seconds, text) => {
    expect(formatRelative(ago(seconds), now)).toBe(text);
  });

  test('older than a week is a date, with the year only where it is another one', () => {
    expect(formatRelative('2026-11-02T12:00:00.000Z', now)).toBe('2 Nov');
    expect(formatRelative('2025-11-02T12:00:00.000Z', now)).toBe('2 Nov 2025');
  });

  test('what is no time is none', () => {
    expect(formatRelative('soon', now)).toBe('—');
  });
});

test('counts agree with their noun', () => {
  expect([plural(0, 'run'), plural(1, 'run'), plural(1204, 'run')]).toEqual(['0 runs', '1 run', '1,204 runs']);
});

test('ids are cut in the middle and keep their kind', () => {
  expect(shortId('run_0192f0c1a7b274008a3f51c29d4e6b01')).toBe('run_…4e6b01');
  expect(shortId('tpl_health')).toBe('tpl_health');
});

test('nothing measured is a dash, not a zero', () => {
  expect([formatSeconds(null), formatSeconds(0.2)]).toEqual(['—', '200 ms']);
});

test('what comes within half a day is a time, what comes later has its day', () => {
  const since = new Date(2026, 10, 24, 18, 0, 0).getTime();
  expect(formatUpcoming(since + 3_600_000, since)).toBe('19:00:00');
  expect(formatUpcoming(since + 2 * 86_400_000, since)).toBe('26 Nov, 18:00');
});
