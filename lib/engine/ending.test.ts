import { describe, expect, test } from 'vitest';
import { progressOf } from './progress.ts';
import { graphOf, TestRun } from './test-run.ts';

const resumed = (run: TestRun) => run.on({ type: 'run_resumed', at: run.now });

describe('a failure', () => {
  test('checklist #63, #70: on_error fail: the run stays running while another branch goes on, and fails when all have ended', () => {
    const run = new TestRun(graphOf([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['b'] }, { id: 'd', depends_on: ['a'] }])).go();
    run.fail('a');
    expect([run.state.status, run.statuses.d]).toEqual(['running', 'skipped: upstream']);
    run.complete('b');
    expect([run.state.status, run.statuses.c]).toEqual(['running', 'running']);
    run.complete('c');
    expect(run.state.status).toBe('failed');
  });

  test('checklist #64: on_error pause: nothing new starts, what runs ends and keeps its result', () => {
    const run = new TestRun(graphOf([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['b'] }], { on_error: 'pause' })).go();
    run.fail('a');
    expect(run.state.status).toBe('pausing');
    run.complete('b', 'kept');
    expect([run.state.status, run.statuses]).toEqual(['paused', { a: 'failed', b: 'completed', c: 'pending' }]);
    expect(run.step('b').output).toBe('kept');
  });

  test('checklist #65: a second failure while paused does not change the stored error', () => {
    const run = new TestRun(graphOf([{ id: 'first' }, { id: 'second' }], { on_error: 'pause' })).go();
    run.fail('second', 'TOLD').fail('first', 'LATER');
    expect([run.state.status, run.state.error?.code]).toEqual(['paused', 'TOLD']);
  });

  test('checklist #66, #67: without a policy one unhandled failure fails the run, with the error of the first in definition order', () => {
    const run = new TestRun(
      graphOf([{ id: 'a' }, { id: 'b' }, { id: 'late', depends_on: ['a'], join: 'all', allow_failed_deps: true }]),
    ).go();
    run.fail('b', 'B').fail('a', 'A').complete('late');
    expect([run.state.status, run.state.error]).toEqual(['failed', { code: 'A', message: 'A', step: 'a' }]);
    const skips = new TestRun(graphOf([{ id: 'a' }, { id: 'b', enabled: false }])).go().complete('a');
    expect(skips.state.status).toBe('completed');
  });

  test('checklist #19: continue hands on null, a fallback its own output, fail neither', () => {
    const goesOn = new TestRun(
      graphOf([
        { id: 'a', on_error: 'continue' },
        { id: 'b', depends_on: ['a'] },
      ]),
    )
      .go()
      .fail('a')
      .complete('b');
    expect(goesOn.state.status).toBe('completed');
    const graph = graphOf([{ id: 'a', on_error: 'fallback', fallback_step: 'f' }, { id: 'f' }], { output: 'a' });
    const rescued = new TestRun(graph).go().fail('a').complete('f', 'instead');
    expect([rescued.state.status, rescued.state.output]).toEqual(['completed', 'instead']);
    expect(new TestRun(graphOf([{ id: 'a', on_error: 'fail' }])).go().fail('a').state.status).toBe('failed');
  });
});

describe('a success policy', () => {
  const steps = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const policy = (...cases: string[][]) => ({ success_policy: { cases: cases.map((required) => ({ required })) } });

  test('checklist #68: any one case with all its required steps completed is enough, whatever else failed', () => {
    const run = new TestRun(graphOf(steps, policy(['a', 'b'], ['c']))).go().fail('a').fail('b').complete('c');
    expect([run.state.status, run.state.error]).toEqual(['completed', null]);
  });

  test('checklist #69: unmet, the error is that of the first failed required step; a skipped one does not count', () => {
    const run = new TestRun(graphOf(steps, policy(['b', 'c']))).go().fail('a', 'A').fail('c', 'C').complete('b');
    expect([run.state.status, run.state.error?.code]).toEqual(['failed', 'C']);
    const skipped = new TestRun(graphOf([{ id: 'a' }, { id: 'b', enabled: false }], policy(['b']))).go().complete('a');
    expect([skipped.state.status, skipped.state.error?.code]).toEqual(['failed', 'SUCCESS_CASE_NOT_MET']);
  });
});

describe('paused at the end', () => {
  test('checklist #70: a paused run whose steps have all ended stays paused until it is resumed', () => {
    const run = new TestRun(graphOf([{ id: 'a' }, { id: 'b' }], { on_error: 'pause' })).go().fail('a').complete('b');
    expect(run.state.status).toBe('paused');
    expect(resumed(run).state.status).toBe('failed');
  });

  test('checklist #116, #117: a resume asks every pending step again, runs no failed one, and the run ends failed', () => {
    const run = new TestRun(
      graphOf([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['a'] }, { id: 'd', depends_on: ['b'] }], { on_error: 'pause' }),
    );
    run.go().fail('a').complete('b');
    expect(run.statuses).toEqual({ a: 'failed', b: 'completed', c: 'pending', d: 'pending' });
    resumed(run);
    expect(run.statuses).toEqual({ a: 'failed', b: 'completed', c: 'skipped: upstream', d: 'running' });
    run.complete('d');
    expect([run.state.status, run.state.error?.step, run.starts]).toEqual(['failed', 'a', ['a', 'b', 'd']]);
  });
});

test('checklist #93: the progress of a run is the share of steps that have ended; a step tells its own', () => {
  const run = new TestRun(graphOf([{ id: 'a' }, { id: 'b' }, { id: 'c', depends_on: ['a'] }, { id: 'd', depends_on: ['c'] }])).go();
  expect(progressOf(run.state)).toBe(0);
  run.on({ type: 'step_progress', step: 'a', attempt: 1, progress: 0.4, at: run.now });
  expect([run.step('a').progress, progressOf(run.state)]).toEqual([0.4, 0]);
  run.complete('b').fail('a');
  expect(progressOf(run.state)).toBe(1);
});
