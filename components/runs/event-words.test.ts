import { expect, test } from 'vitest';
import type { RunEvent } from '#lib/engine/events.ts';
import { eventDetail } from './event-words.ts';

test('a wait of days says on which day it ends, a short one the time alone', () => {
  const at = new Date(2026, 10, 24, 18, 0, 0).getTime();
  const waiting = (hours: number): RunEvent => ({
    type: 'step_waiting',
    step: 'ok',
    attempt: 1,
    seq: 3,
    kind: 'approval',
    wake_at: at + hours * 3_600_000,
    at,
  });
  expect(eventDetail(waiting(48))).toBe('for a decision, until 26 Nov, 18:00');
  expect(eventDetail(waiting(2))).toBe('for a decision, until 20:00:00');
});
