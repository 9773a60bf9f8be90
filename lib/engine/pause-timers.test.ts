import { expect, test } from 'vitest';
import { fold } from './apply.ts';
import { resumeRun } from './control.ts';
import { nextWakeAt } from './decide.ts';
import { graphOf, TestRun } from './test-run.ts';

/** Two steps are due at one moment: `late` has expired meanwhile, which pauses the run before `again` is looked at. */
function pausedWhenDue(): TestRun {
  const good_until = new Date(1040).toISOString();
  const run = new TestRun(graphOf([{ id: 'late', good_until }, { id: 'again' }], { on_error: 'pause' })).go();
  for (const [step, retry_at] of Object.entries({ late: 1045, again: 1050 })) {
    const { attempt, startedAt } = run.step(step);
    const error = { code: 'FAILED', message: 'FAILED' };
    run.on({ type: 'step_retrying', step, attempt, error, started_at: startedAt ?? 0, retry_at, at: run.now });
  }
  run.now = 1050;
  return run.go();
}

test('checklist #64 #121: what is due at the moment of a pause is due again at the resume, for the live state and the fold alike', () => {
  const run = pausedWhenDue();
  expect(run.state.status).toBe('paused');
  expect(run.starts).toEqual(['late', 'again']);
  const folded = fold(run.graph, run.journal);
  expect([...run.state.agenda]).toEqual([...folded.agenda]);
  run.now += 10_000;
  const resumed = resumeRun(run.state, run.now);
  if (resumed === null) throw new Error('A paused run can be resumed');
  expect(nextWakeAt(fold(run.graph, [...run.journal, resumed]))).toBe(run.now);
  run.on(resumed);
  expect(run.starts).toEqual(['late', 'again', 'again']);
});
