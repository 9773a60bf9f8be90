import { expect, test } from 'vitest';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { attemptsOf } from './attempts.ts';

const error = { code: 'HTTP_STATUS', message: 'It answered 503' };
const short = (rows: ReturnType<typeof attemptsOf>, key = 'a') =>
  rows.get(key)?.map((one) => [one.execution, one.attempt, one.startedAt, one.endedAt, one.success, one.error?.code ?? null]);

test('checklist #80: every attempt is kept with start, end, success and error', () => {
  const events: NewRunEvent[] = [
    { type: 'step_started', step: 'a', attempt: 1, execution: 1, at: 10 },
    { type: 'step_retrying', step: 'a', attempt: 1, error, started_at: 10, retry_at: 30, at: 20 },
    // One row for start and end.
    { type: 'step_retrying', step: 'a', attempt: 2, error, started_at: 30, retry_at: 50, at: 35 },
    { type: 'step_started', step: 'a', attempt: 3, execution: 1, at: 50 },
    { type: 'step_completed', step: 'a', attempt: 3, output: 1, started_at: 50, at: 60 },
  ];
  expect(short(attemptsOf(events))).toEqual([
    [1, 1, 10, 20, false, 'HTTP_STATUS'],
    [1, 2, 30, 35, false, 'HTTP_STATUS'],
    [1, 3, 50, 60, true, null],
  ]);
  expect(short(attemptsOf(events.slice(0, 4)))?.at(-1)).toEqual([1, 3, 50, null, null, null]);
});

test('an attempt that a crash cut off is one that failed, ended by the take-over', () => {
  const events: NewRunEvent[] = [
    { type: 'step_started', step: 'a', attempt: 1, execution: 1, at: 10 },
    { type: 'step_started', step: 'a', attempt: 2, execution: 1, at: 90 },
    { type: 'step_cancelled', step: 'a', at: 95 },
  ];
  expect(short(attemptsOf(events))).toEqual([
    [1, 1, 10, 90, false, 'WORKER_CRASHED'],
    [1, 2, 90, 95, false, 'STEP_CANCELLED'],
  ]);
});

test('a deliberate re-run counts anew and keeps what was before', () => {
  const events: NewRunEvent[] = [
    { type: 'step_failed', step: 'a', attempt: 1, error, started_at: 10, at: 20 },
    { type: 'run_reopened', kind: 'resume', from_step: 'a', reset: ['a'], at: 30 },
    { type: 'step_completed', step: 'a', attempt: 1, output: 1, started_at: 40, at: 50 },
    { type: 'step_failed', step: 'b', attempt: 0, error, started_at: null, at: 50 },
  ];
  expect(short(attemptsOf(events))).toEqual([
    [1, 1, 10, 20, false, 'HTTP_STATUS'],
    [2, 1, 40, 50, true, null],
  ]);
  expect(short(attemptsOf(events), 'b')).toBeUndefined();
});

test('a wait is one attempt from its start to its end', () => {
  const events: NewRunEvent[] = [
    { type: 'step_waiting', step: 'a', attempt: 1, kind: 'timer', wake_at: 100, at: 10 },
    { type: 'step_completed', step: 'a', attempt: 1, output: null, started_at: 10, at: 100 },
  ];
  expect(short(attemptsOf(events))).toEqual([[1, 1, 10, 100, true, null]]);
});
