import { describe, expect, test } from 'vitest';
import { conditionSteps } from './step-values.ts';
import { graphOf, TestRun } from './test-run.ts';

/** What the fields of a definition do in a run. What they may say stands in lib/workflow. */

test('checklist #16: a disabled step is skipped', () => {
  const run = new TestRun(graphOf([{ id: 'a', enabled: false }, { id: 'b' }])).go();
  expect(run.statuses).toEqual({ a: 'skipped: disabled', b: 'running' });
  expect(run.complete('b').state.status).toBe('completed');
});

describe('checklist #20: when a step fails', () => {
  const steps = [{ id: 'bad' }, { id: 'after', depends_on: ['bad'] }, { id: 'other' }, { id: 'last', depends_on: ['other'] }];
  test('fail, the default: independent branches go on, and the run fails at its end', () => {
    const run = new TestRun(graphOf(steps)).go().fail('bad').complete('other');
    expect([run.state.status, run.statuses.last]).toEqual(['running', 'running']);
    expect(run.complete('last').state).toMatchObject({ status: 'failed', error: { step: 'bad' } });
  });
  test('pause: what runs may end, nothing new starts', () => {
    const run = new TestRun(graphOf(steps, { on_error: 'pause' })).go().fail('bad').complete('other', 7);
    expect(run.state.status).toBe('paused');
    expect(run.statuses).toMatchObject({ other: 'completed', last: 'pending', after: 'pending' });
    expect(run.step('other').output).toBe(7);
  });
});

describe('checklist #21: the output of a run', () => {
  const steps = [{ id: 'a' }, { id: 'b', depends_on: ['a'] }, { id: 'c', depends_on: ['a'] }];
  const output = (more: object) =>
    new TestRun(graphOf(steps, more)).go().complete('a', 1).complete('b', [2]).complete('c', null).state.output;
  test('is that of the named step', () => expect(output({ output: 'a' })).toBe(1));
  test('without one, a map of all last steps by id', () => expect(output({})).toEqual({ b: [2], c: null }));
});

describe('checklist #22: a success policy', () => {
  const steps = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const success_policy = { cases: [{ required: ['a', 'b'] }, { required: ['c'] }], optional: ['b'] };
  const ended = (failing: string[]) => {
    const run = new TestRun(graphOf(steps, { success_policy })).go();
    for (const { id } of steps) failing.includes(id) ? run.fail(id) : run.complete(id);
    return run.state;
  };
  test('is met by any one case, whatever else failed', () => {
    expect(ended(['c']).status).toBe('completed');
    expect(ended(['a', 'b'])).toMatchObject({ status: 'completed', error: null });
  });
  test('not met, the run fails with the first required step that failed', () => {
    expect(ended(['b', 'c'])).toMatchObject({ status: 'failed', error: { step: 'b' } });
  });
});

describe('checklist #23: joins', () => {
  const steps = (more: object) => graphOf([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'end', depends_on: ['a', 'b', 'c'], ...more }]);
  test('all waits for every one', () => {
    const run = new TestRun(steps({})).go().complete('a').complete('b');
    expect(run.statuses.end).toBe('pending');
    expect(run.complete('c').statuses.end).toBe('running');
  });
  test('any starts with the first', () => {
    expect(new TestRun(steps({ join: 'any' })).go().fail('a').complete('b').statuses.end).toBe('running');
  });
  test('quorum starts with as many as min_success says, and is skipped when they cannot come any more', () => {
    const run = new TestRun(steps({ join: 'quorum', min_success: 2 })).go().complete('a');
    expect(run.statuses.end).toBe('pending');
    expect(run.complete('c').statuses.end).toBe('running');
    const lost = new TestRun(steps({ join: 'quorum', min_success: 2 })).go().fail('a').fail('c');
    expect(lost.statuses.end).toBe('skipped: upstream');
  });
});

test('checklist #27: a step waits for its context sources, which alone its conditions see', () => {
  const graph = graphOf([{ id: 'a' }, { id: 'b' }, { id: 'end', depends_on: ['a', 'b'], join: 'any', context_from: ['b'], run_when: 'x' }]);
  const run = new TestRun(graph).go().complete('a');
  expect(run.statuses.end).toBe('pending');
  expect(run.fail('b').statuses.end).toBe('running');
  expect(conditionSteps(graph, 2)).toEqual([1]);
});

describe('checklist #28: conditions', () => {
  const graph = graphOf([
    { id: 'a' },
    { id: 'b', depends_on: ['a'], skip_when: 'skip?', run_when: 'run?' },
    { id: 'c', depends_on: ['b'] },
  ]);
  test.each([
    [true, true, 'skipped: skip_when'],
    [true, false, 'skipped: skip_when'],
    [false, false, 'skipped: run_when'],
    [false, true, 'running'],
  ])('skip_when %s, run_when %s: %s', (skip, runs, status) => {
    const run = new TestRun(graph, (expression) => (expression === 'skip?' ? skip : runs)).go().complete('a');
    expect(run.statuses.b).toBe(status);
  });
});
