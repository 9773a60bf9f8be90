import { describe, expect, test } from 'vitest';
import type { RetryPolicy } from '#lib/workflow/graph.ts';
import { afterFailure, retryDelay } from './retry.ts';
import { blankStep } from './state.ts';
import { graphOf } from './test-run.ts';

const policy = (change: Partial<RetryPolicy>): RetryPolicy => {
  return { maxAttempts: 10, delay: 5000, backoff: 'constant', maxDelay: 60_000, jitter: false, ...change };
};
const delays = (change: Partial<RetryPolicy>) => [1, 2, 3, 4, 5].map((failures) => retryDelay(policy(change), failures, 0.5));

describe('how long a retry waits', () => {
  test('checklist #82: constant, linear, exponential, at most max_delay', () => {
    expect(delays({})).toEqual([5000, 5000, 5000, 5000, 5000]);
    expect(delays({ backoff: 'linear' })).toEqual([5000, 10_000, 15_000, 20_000, 25_000]);
    expect(delays({ backoff: 'exponential' })).toEqual([5000, 10_000, 20_000, 40_000, 60_000]);
    expect(retryDelay(policy({ backoff: 'exponential' }), 1000, 0)).toBe(60_000);
  });

  test('jitter takes a point in the upper half, never more than max_delay', () => {
    const jittered = (random: number) => retryDelay(policy({ jitter: true }), 1, random);
    expect([jittered(0), jittered(0.5), jittered(0.999999)]).toEqual([2500, 3750, 5000]);
  });
});

describe('what a failed attempt leads to', () => {
  const step = (change: object) => {
    const [first] = graphOf([{ id: 'a', retry: { max_attempts: 3, delay: 1, backoff: 'constant' }, ...change }]).steps;
    if (first === undefined) throw new Error('no step');
    return first;
  };
  const failed = { attempt: 1, startedAt: 0, endedAt: 100, error: { code: 'E', message: 'e' }, retryable: true };
  const leadsTo = (change: object, retries = 0, retryable = true) =>
    afterFailure(step(change), { ...blankStep(1), retries }, { ...failed, step: 'a', retryable }, 0).type;

  test('checklist #80, #18: attempts are 1 + retries; a crash used up none', () => {
    expect([leadsTo({}, 0), leadsTo({}, 1), leadsTo({}, 2)]).toEqual(['step_retrying', 'step_retrying', 'step_failed']);
    expect(afterFailure(step({}), blankStep(1), { ...failed, step: 'a', attempt: 7 }, 0)).toMatchObject({
      type: 'step_retrying',
      attempt: 7,
      retry_at: 1100,
    });
    expect(leadsTo({ retry: undefined })).toBe('step_failed');
  });

  test('a Retry-After is honoured, up to the longest delay; a shorter one changes nothing', () => {
    const retryAt = (retryAfter: number) =>
      afterFailure(step({ retry: { max_attempts: 3, delay: 1, max_delay: 30 } }), blankStep(1), { ...failed, step: 'a', retryAfter }, 0);
    expect(retryAt(20_000)).toMatchObject({ type: 'step_retrying', retry_at: 20_100 });
    expect(retryAt(10)).toMatchObject({ retry_at: 1100 });
    expect(retryAt(3_600_000)).toMatchObject({ retry_at: 30_100 });
    expect(retryAt(-5)).toMatchObject({ retry_at: 1100 });
  });

  test('checklist #83, #74: a final error and a retry after good_until are not tried again', () => {
    expect(leadsTo({}, 0, false)).toBe('step_failed');
    expect(leadsTo({ good_until: '1970-01-01T00:00:01Z' })).toBe('step_failed');
    expect(leadsTo({ good_until: '1970-01-01T00:00:01.1Z' })).toBe('step_retrying');
  });
});
