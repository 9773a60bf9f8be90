import { describe, expect, test } from 'vitest';
import { retryDelay } from '#lib/engine/retry.ts';
import { callOf } from '#lib/steps/code/calls.ts';
import { retryPolicy } from '#lib/workflow/graph.ts';
import { plainJson } from './plain-json.ts';
import { millis, moment, stepSettings } from './step-options.ts';

describe('options of steps', () => {
  test("checklist #81 #82: without options a step has surface A's retries and timeout, and waits 10, 20, 40, 80, 160 s between its attempts", () => {
    const settings = stepSettings();
    expect(settings).toEqual({ retries: { limit: 5, delay: '10 seconds', backoff: 'exponential' }, timeout: '10 minutes' });
    const call = callOf({ kind: 'do', step: 'a-1', name: 'a', count: 1, seen: [], ...settings }, 0);
    expect(call).toMatchObject({ config: settings, timeout: 600_000 });
    const policy = retryPolicy(call.retry);
    expect(policy.maxAttempts).toBe(6);
    expect([1, 2, 3, 4, 5].map((failures) => retryDelay(policy, failures, 0.7) / 1000)).toEqual([10, 20, 40, 80, 160]);
  });

  test('what is left out of retries has its default; numbers are milliseconds', () => {
    expect(stepSettings({ retries: { limit: 0 }, timeout: 1500 })).toEqual({
      retries: { limit: 0, delay: '10 seconds', backoff: 'exponential' },
      timeout: 1500,
    });
    expect([millis(1500, 'x'), millis('2 minutes', 'x'), millis('1500', 'x')]).toEqual([1500, 120_000, 1_500_000]);
  });

  test.each([
    [{ retries: { limit: -1 } }],
    [{ retries: { limit: 1.5 } }],
    [{ retries: { limit: Number.POSITIVE_INFINITY } }],
    [{ retries: { delay: 'soon' } }],
    [{ retries: { backoff: 'slow' as 'linear' } }],
    [{ timeout: 0 }],
    [{ timeout: '366 days' }],
  ])('refused: %j', (options) => {
    expect(() => stepSettings(options)).toThrow(RangeError);
  });

  test('checklist #86: a moment is refused that is past, further away than 365 days, or none', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(moment('2026-01-01T00:00:01Z', now).getTime()).toBe(now + 1000);
    expect(() => moment(now - 1, now)).toThrow('is past');
    expect(() => moment(now + 366 * 86_400_000, now)).toThrow('365 days');
    expect(() => moment('tomorrow', now)).toThrow('no moment');
  });
});

test('a result is kept as JSON: what code sees now is what it sees in a replay', () => {
  expect(plainJson({ at: new Date(0), gone: undefined, list: [undefined] })).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [null] });
  expect(plainJson(undefined)).toBe(null);
  expect(() => plainJson(1n)).toThrow(TypeError);
  expect(() => plainJson(() => 1)).toThrow(TypeError);
  expect(() => plainJson('a\u0000b')).toThrow('cannot be stored');
  expect(() => plainJson({ half: '\ud800' })).toThrow('cannot be stored');
  expect(() => plainJson('x'.repeat(1024 * 1024))).toThrow('1 MiB');
});
