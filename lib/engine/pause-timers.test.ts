import { expect, test } from 'vitest';
import { fold } from './apply.ts';
import { resumeRun } from './control.ts';
import { nextWakeAt } from './decide.ts';
import { graphOf, TestRun } from './test-run.ts';

/** `again` waits for its next attempt when `bad` fails and pauses the run, at the very moment at which that is due. */
function pausedWhenDue(): TestRun {
  const run = new TestRun(graphOf([{ id: 'bad' }, { id: 'again' }], { on_error: 'pause' })).go();
  const { attempt, startedAt } = run.step('again');
  const error = { code: 'FAILED', message: 'FAILED' };
  run.on({ type: 'step_retrying', step: 'again', attempt, error, started_at: startedAt ?? 0, retry_at: run.now + 50, at: run.now });
  run.now += 50;
  return run.fail('bad');
}

test('checklist #64 #121: what is due at the moment of a pause is due again at the resume, for the live state and the fold alike', () => {
  const run = pausedWhenDue();
  expect(run.state.status).toBe('paused');
  expect(run.starts).toEqual(['bad', 'again']);
  const folded = fold(run.graph, run.journal);
  expect([...run.state.agenda]).toEqual([...folded.agenda]);
  run.now += 10_000;
  const resumed = resumeRun(run.state, run.now);
  if (resumed === null) throw new Error('A paused run can be resumed');
  expect(nextWakeAt(fold(run.graph, [...run.journal, resumed]))).toBe(run.now);
  run.on(resumed);
  expect(run.starts).toEqual(['bad', 'again', 'again']);
});
