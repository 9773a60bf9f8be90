import { expect, it } from 'vitest';
import { fromWireEvent, toWireEvent } from '#lib/contracts/run-event.ts';
import type { RunEvent } from '#lib/engine/events.ts';

const EVENTS: readonly RunEvent[] = [
  { type: 'run_queued', seq: 1, at: 1000, trigger: 'api', version: 3 },
  { type: 'step_started', seq: 3, at: 1200, step: 'fetch', attempt: 1, execution: 1, input: { url: 'http://x' } },
  { type: 'step_completed', seq: 4, at: 1250, step: 'fetch', attempt: 1, output: { n: [1] }, started_at: 1200, branch: 'true' },
  { type: 'step_failed', seq: 5, at: 1300, step: 'a', attempt: 2, error: { code: 'X', message: 'm' }, started_at: null },
  { type: 'step_retrying', seq: 6, at: 1300, step: 'a', attempt: 1, error: { code: 'X', message: 'm' }, started_at: 1250, retry_at: 6300 },
  { type: 'step_waiting', seq: 7, at: 1400, step: 'w', attempt: 1, kind: 'timer', wake_at: 9000 },
  { type: 'run_completed', seq: 8, at: 2000, status: 'completed', output: null, error: null, duration_seconds: 1 },
];

it.each(EVENTS.map((event) => [event.type, event] as const))('%s survives the wire', (_type, event) => {
  const wire = JSON.parse(JSON.stringify(toWireEvent('run_1', event)));
  expect(fromWireEvent(wire)).toEqual(event);
  expect(wire).toMatchObject({ run_id: 'run_1', timestamp: new Date(event.at).toISOString() });
});

it('says how long a step took, and every moment in ISO 8601', () => {
  const wire = toWireEvent('run_1', EVENTS[2] as RunEvent);
  expect(wire).toMatchObject({ step_id: 'fetch', duration_seconds: 0.05, started_at: '1970-01-01T00:00:01.200Z' });
  expect(wire).not.toHaveProperty('at');
});
