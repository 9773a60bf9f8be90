import { describe, expect, test } from 'vitest';
import { childEnded, childOf, childRefused } from './child-end.ts';
import { graphOf, TestRun } from './test-run.ts';

const END = { run_id: 'run_1', status: 'completed', output: { total: 3 }, error: null, totals: { completed: 2 } };

function waitingRun(more: object = {}): TestRun {
  const run = new TestRun(
    graphOf([
      { id: 'call', ...more },
      { id: 'after', depends_on: ['call'] },
    ]),
  ).go();
  const data = { run_id: 'run_1', workflow_id: 'wf_1', version: 1, input: {} };
  return run.on({ type: 'step_waiting', step: 'call', attempt: 1, kind: 'child', wake_at: null, data, at: 1000 });
}

describe('the end of a run that a step waits for', () => {
  test('checklist #71: completed → the step is completed with its output', () => {
    const run = waitingRun();
    expect(childOf(run.step('call').waiting)).toBe('run_1');
    const event = childEnded(run.state, 'call', END, 2000);
    expect(event).toMatchObject({ type: 'step_completed', step: 'call', output: { total: 3 }, at: 2000 });
    if (event) run.on(event);
    expect(run.statuses).toEqual({ call: 'completed', after: 'running' });
  });

  test.each(['failed', 'cancelled', 'deleted'])('checklist #72: %s → the step fails with a summary', (status) => {
    const error = { code: 'SCRIPT_EXIT', message: 'It ended with 1' };
    const totals = { completed: 2, failed: 1 };
    const event = childEnded(waitingRun().state, 'call', { ...END, status, output: null, error, totals }, 2000);
    expect(event).toMatchObject({
      type: 'step_failed',
      error: { code: 'SUBWORKFLOW_FAILED', step: 'call', data: { run_id: 'run_1', status, output: null, error, totals } },
    });
    expect((event as { error: { message: string } }).error.message).toContain('It ended with 1');
  });

  test('is retried as the step says', () => {
    const run = waitingRun({ retry: { max_attempts: 2, delay: 1 } });
    expect(childEnded(run.state, 'call', { ...END, status: 'failed' }, 2000)).toMatchObject({ type: 'step_retrying', retry_at: 3000 });
  });

  test('means nothing to a step that waits for another run, or for none', () => {
    const run = waitingRun();
    expect(childEnded(run.state, 'call', { ...END, run_id: 'run_2' }, 2000)).toBeNull();
    expect(childEnded(run.state, 'after', END, 2000)).toBeNull();
    expect(childEnded(run.state, 'gone', END, 2000)).toBeNull();
    for (const odd of [null, 7, [], {}, 'run_1']) expect(childEnded(run.state, 'call', odd, 2000)).toBeNull();
    run.complete('call');
    expect(childEnded(run.state, 'call', END, 2000)).toBeNull();
    expect(childRefused(run.state, 'call', { code: 'X', message: 'x' }, 2000)).toBeNull();
  });

  test('a time limit of the step ends its waiting', () => {
    const run = new TestRun(graphOf([{ id: 'call', timeout: 5 }])).go();
    run.on({ type: 'step_waiting', step: 'call', attempt: 1, kind: 'child', wake_at: 6000, data: { run_id: 'run_1' }, at: 1000 });
    run.now = 6000;
    run.go();
    expect(run.step('call')).toMatchObject({ status: 'failed', error: { code: 'STEP_TIMEOUT' } });
  });
});
