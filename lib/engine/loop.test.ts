import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { each, graphOf, runLoop as run, runningIn as running, TestRun } from './test-run.ts';

const body = [{ id: 'a' }, { id: 'b', depends_on: ['a'] }];
const one = [{ id: 'a' }];
const abc = ['x', 'y', 'z'];

describe('checklist #36: a loop over a list', () => {
  test('runs its body for each item, one after another, with results in order', () => {
    const flow = run({ items: abc, steps: body });
    expect(flow.starts).toEqual(['l', 'l[0].a']);
    for (const n of [0, 1, 2]) flow.complete(`l[${n}].a`).complete(`l[${n}].b`, n * 10);
    expect(flow.starts).toEqual(['l', ...[0, 1, 2].flatMap((n) => [`l[${n}].a`, `l[${n}].b`])]);
    expect([flow.state.status, flow.state.output]).toEqual(['completed', { l: [0, 10, 20] }]);
  });

  test('results are in the order of the items, whatever the order of ends', () => {
    const flow = run({ items: abc, steps: one, concurrency: 3 });
    expect(running(flow)).toEqual(['l[0].a', 'l[1].a', 'l[2].a']);
    flow.complete('l[2].a', 'c').complete('l[0].a', 'a').complete('l[1].a', 'b');
    expect(flow.step('l').output).toEqual(['a', 'b', 'c']);
  });

  test('never has more under way than its concurrency, and fills each place that becomes free', () => {
    const flow = run({ items: [1, 2, 3, 4], steps: body, concurrency: 2 });
    expect(running(flow)).toEqual(['l[0].a', 'l[1].a']);
    flow.complete('l[1].a').complete('l[1].b');
    expect(running(flow)).toEqual(['l[0].a', 'l[2].a']);
    expect(flow.step('l').progress).toBe(0.25);
  });

  test.each(['all', 'all_settled'])('an empty list with mode %s has no results', (mode) => {
    const flow = run({ items: [], steps: one, mode });
    expect([flow.state.status, flow.step('l').output]).toEqual(['completed', []]);
  });

  test.each(['any', 'race'])('an empty list fails mode %s: nothing can complete', (mode) => {
    expect(run({ items: [], steps: one, mode }).state.error).toMatchObject({ code: 'NO_ITERATION_COMPLETED', step: 'l' });
  });

  test('the result is that of the named step, of the last one, or a map of several last ones', () => {
    const result = (config: { output?: string; steps: typeof body }): Json => {
      const flow = run({ items: [1], ...config });
      for (const { id } of config.steps) flow.complete(`l[0].${id}`, id);
      return flow.step('l').output;
    };
    expect(result({ steps: body })).toEqual(['b']);
    expect(result({ steps: body, output: 'a' })).toEqual(['a']);
    expect(result({ steps: [...body, { id: 'c', depends_on: ['a'] }] })).toEqual([{ b: 'b', c: 'c' }]);
  });

  test('an iteration whose last step is skipped results in null', () => {
    const flow = new TestRun(graphOf([each('l', { items: [1], steps: [{ id: 'a', run_when: 'no' }] })]), () => false).go();
    expect(flow.step('l').output).toEqual([null]);
  });
});

describe('how a loop ends', () => {
  test('all: the first failure cancels what is under way, begins nothing, and fails the loop', () => {
    const flow = run({ items: [...abc, 'w'], steps: body, concurrency: 3 })
      .complete('l[0].a')
      .complete('l[0].b', 1);
    flow.fail('l[1].a', 'BOOM');
    expect(flow.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[2].a', 'l[3].a']);
    expect([flow.step('l').status, flow.step('l[1].b').skipReason, flow.step('l[2].b').skipReason]).toEqual([
      'running',
      'upstream',
      'cancelled',
    ]);
    flow.on({ type: 'step_cancelled', step: 'l[2].a', at: flow.now }).complete('l[3].a');
    expect(flow.step('l').error).toMatchObject({ code: 'ITERATION_FAILED', message: 'Iteration 1 failed: BOOM' });
    expect(flow.state.error).toMatchObject({
      code: 'ITERATION_FAILED',
      step: 'l',
      data: { iteration: 1, error: { code: 'BOOM', step: 'l[1].a' } },
    });
    expect(flow.state.status).toBe('failed');
  });

  test('all_settled: each may end as it likes, and the loop completes', () => {
    const flow = run({ items: abc, steps: one, concurrency: 3, mode: 'all_settled' });
    flow.fail('l[0].a', 'BOOM').complete('l[1].a', 1).complete('l[2].a', 2);
    expect(flow.step('l').output).toMatchObject([
      { index: 0, status: 'failed', error: { code: 'BOOM', step: 'l[0].a' } },
      { index: 1, status: 'completed', output: 1 },
      { index: 2, status: 'completed', output: 2 },
    ]);
    expect(flow.state.status).toBe('completed');
  });

  test('any: the first that completes wins and cancels the others; failures before it do not matter', () => {
    const flow = run({ items: abc, steps: one, concurrency: 3, mode: 'any' }).fail('l[0].a').complete('l[2].a', 'won');
    expect(flow.works.at(-1)).toEqual({ kind: 'cancel_step', step: 'l[1].a' });
    flow.on({ type: 'step_cancelled', step: 'l[1].a', at: flow.now });
    expect([flow.state.status, flow.step('l').output]).toEqual(['completed', [{ index: 2, status: 'completed', output: 'won' }]]);
  });

  test('any: fails when none completed', () => {
    const flow = run({ items: [1, 2], steps: one, concurrency: 2, mode: 'any' })
      .fail('l[1].a')
      .fail('l[0].a', 'BOOM');
    expect(flow.state.error?.message).toBe('None of 2 iterations completed; Iteration 0 failed: BOOM');
  });

  test('race: the first that ends decides, failed or not', () => {
    const [won, lost] = [0, 1].map(() => run({ items: [1, 2], steps: one, concurrency: 2, mode: 'race' }));
    won?.complete('l[1].a', 7).on({ type: 'step_cancelled', step: 'l[0].a', at: 1 });
    lost?.fail('l[1].a', 'BOOM').on({ type: 'step_cancelled', step: 'l[0].a', at: 1 });
    expect(won?.step('l').output).toEqual([{ index: 1, status: 'completed', output: 7 }]);
    expect(lost?.step('l').error).toMatchObject({ code: 'ITERATION_FAILED', message: 'Iteration 1 failed: BOOM' });
  });

  test('a failure that the body handles is none of the loop', () => {
    const steps = [{ id: 'a' }, { id: 'save', depends_on: [{ step: 'a', branch: 'error' }] }];
    const flow = run({ items: [1], steps })
      .fail('l[0].a')
      .complete('l[0].save', 'ok');
    expect([flow.state.status, flow.step('l').output]).toEqual(['completed', ['ok']]);
  });

  test('break_when is asked after each iteration: no further one begins, those under way count', () => {
    const asked: (number | undefined)[] = [];
    const graph = graphOf([each('l', { items: [1, 2, 3, 4, 5], steps: one, concurrency: 2, break_when: 'enough' })]);
    const flow = new TestRun(graph, (_, __, iteration) => asked.push(iteration) > 0 && iteration === 1).go();
    flow.complete('l[0].a', 0).complete('l[1].a', 1);
    expect([asked, running(flow)]).toEqual([[0, 1], ['l[2].a']]);
    flow.complete('l[2].a', 2);
    expect([flow.state.status, flow.step('l').output]).toEqual(['completed', [0, 1, 2]]);
  });

  test('while is asked before each iteration, at most max_iterations times; item is the result before', () => {
    const graph = graphOf([each('l', { while: 'more', max_iterations: 3, steps: one })]);
    const flow = new TestRun(graph, (_, __, iteration) => (iteration ?? 0) < 2).go().complete('l[0].a', 'p').complete('l[1].a', 'q');
    expect(flow.step('l').output).toEqual(['p', 'q']);
    expect(flow.step('l').loop?.iterations.map(({ item }) => item)).toEqual([null, 'p']);
    const endless = new TestRun(graph).go().complete('l[0].a', 1).complete('l[1].a', 2).complete('l[2].a', 3);
    expect(endless.step('l').output).toEqual([1, 2, 3]);
  });

  test('a condition that throws fails the loop', () => {
    const graph = graphOf([each('l', { while: 'more', steps: one })]);
    const flow = new TestRun(graph, () => {
      throw new Error('no');
    }).go();
    expect(flow.state.error).toMatchObject({ code: 'CONDITION_EVALUATION_ERROR', step: 'l' });
  });

  test('results that are too large fail the loop with a clear text', () => {
    const flow = run({ items: [1, 2], steps: one })
      .complete('l[0].a', 'x'.repeat(600_000))
      .complete('l[1].a', 'x'.repeat(600_000));
    expect(flow.state.error?.code).toBe('OUTPUT_TOO_LARGE');
  });
});
