import type { NewRunEvent, RunError } from './events.ts';
import { graphOf, TestRun } from './test-run.ts';

/** Runs that the tests of explanations share. */

/** A run that has begun. */
export const begun = (steps: Parameters<typeof graphOf>[0], rest: Parameters<typeof graphOf>[1] = {}) =>
  new TestRun(graphOf(steps, rest)).go();

/** A run whose step `a` waits. */
export const waits = (kind: Extract<NewRunEvent, { type: 'step_waiting' }>['kind'], data: object, wake_at: number | null = null): TestRun =>
  begun([{ id: 'a' }]).on({ type: 'step_waiting', step: 'a', attempt: 1, kind, wake_at, data: data as never, at: 1000 });

/** A run that failed and whose step `a` was undone, or not with this error. */
export function undone(failure?: RunError): TestRun {
  const run = begun([{ id: 'a', undo: { type: 'work', config: {} } }, { id: 'b' }])
    .complete('a')
    .fail('b', 'It broke');
  return run.on({ type: 'step_undone', step: 'a', attempt: 1, at: 1000, ...(failure === undefined ? {} : { error: failure }) });
}
