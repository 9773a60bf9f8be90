import { describe, expect, test } from 'vitest';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { apply } from './apply.ts';
import { advance } from './decide.ts';
import { explainStep } from './explain.ts';
import { receive } from './receive.ts';
import { offered } from './remote-offer.ts';
import { initialState } from './state.ts';
import { argsOf, conditionSteps, stepsScope, upstreamSteps } from './step-values.ts';
import { graphOf, TestRun } from './test-run.ts';

const why = (run: TestRun, id: string) => explainStep(run.state, run.graph.byId.get(id)?.index ?? -1);

describe('why', () => {
  test('a step ran, was not taken, was missed, or waits', () => {
    const graph = graphOf([
      { id: 'check', type: 'check' },
      { id: 'yes', depends_on: [{ step: 'check', branch: 'true' }] },
      { id: 'no', depends_on: [{ step: 'check', branch: 'false' }] },
      { id: 'next', depends_on: ['yes'] },
      { id: 'slow' },
      { id: 'both', depends_on: ['next', 'slow'] },
    ]);
    const run = new TestRun(graph).go().complete('check', {}, 'true').fail('yes');
    expect(why(run, 'check').sentence).toBe('Started with the run: it depends on nothing. It chose the branch true.');
    expect(why(run, 'yes')).toMatchObject({ kind: 'ran', sentence: 'Ran because check (true) was met. Failed: FAILED.' });
    expect(why(run, 'no')).toMatchObject({ kind: 'skipped', sentence: 'Not taken: check (true) went another way.' });
    expect(why(run, 'next')).toMatchObject({ kind: 'skipped', sentence: 'Skipped because yes did not complete.' });
    expect(why(run, 'both')).toMatchObject({ kind: 'pending', sentence: 'Waits for slow.', waitsFor: ['slow'] });
    expect(why(run, 'both').edges).toEqual([
      { from: 'next', branch: null, state: 'missed' },
      { from: 'slow', branch: null, state: 'open' },
    ]);
  });
});

describe('a step of another queue', () => {
  test('waits for a worker that serves it, says so where none is alive, and runs there', () => {
    const graph = graphOf([{ id: 'far', queue: 'gpu' }]);
    const state = initialState(graph);
    advance(state, 0);
    const step = graph.steps[0] as GraphStep;
    const why = () => explainStep(state, 0);
    apply(state, offered(step, 'far', 1, 'offer', 5));
    expect(why()).toMatchObject({ kind: 'waiting', sentence: "Waits for a worker that serves the queue 'gpu'." });
    const unserved = explainStep(state, 0, String, ['tpu', 'gpu']).sentence;
    expect(unserved).toBe("Waits for a worker that serves the queue 'gpu'; none is alive.");
    const started = { place: 1, kind: 'remote', step: 'far', token: 'offer', payload: { kind: 'started', at: 7 } } as const;
    for (const event of receive(state, started, 8)) apply(state, event);
    expect(why()).toMatchObject({
      kind: 'ran',
      sentence: "Started with the run: it depends on nothing. It runs on a worker that serves the queue 'gpu'.",
    });
  });
});

describe('what a step sees of the others', () => {
  const graph = graphOf([
    { id: 'a' },
    { id: 'b', depends_on: ['a'], fallback_step: 'f' },
    { id: 'f' },
    { id: 'c', depends_on: ['b'], context_from: ['b'] },
    { id: 'd', depends_on: ['c', 'a'], join: 'any', args_from: { late: 'c', first: 'a' } },
  ]);

  test('checklist #59: all upstream, or what context_from names; a fallback sees what its step saw', () => {
    expect(upstreamSteps(graph, 4)).toEqual([0, 1, 3]);
    expect(conditionSteps(graph, 3)).toEqual([1]);
    expect(upstreamSteps(graph, 2)).toEqual([0, 1]);
  });

  test('args: results of what has ended, nothing of what has not', () => {
    const run = new TestRun(graph).go().complete('a', { n: 1 });
    expect(argsOf(run.state, 4)).toEqual({ first: { n: 1 } });
    run.fail('b').fail('f');
    expect(argsOf(run.state, 4)).toEqual({
      first: { n: 1 },
      late: { error: { code: 'UPSTREAM_SKIPPED', message: "Step 'c' was skipped" } },
    });
  });

  test('a failed step shows its error, and the output of the fallback that stands in for it', () => {
    const run = new TestRun(graph).go().complete('a').fail('b', 'HTTP_STATUS').complete('f', 'saved');
    expect(stepsScope(run.state, [1])).toEqual({
      b: { status: 'failed', output: 'saved', branch: null, error: { code: 'HTTP_STATUS', message: 'HTTP_STATUS' } },
    });
  });
});
