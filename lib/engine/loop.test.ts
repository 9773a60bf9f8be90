import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { fold } from './apply.ts';
import { cancelRun, pauseRun, resumeRun } from './control.ts';
import { recover } from './decide.ts';
import { planReopen } from './resume.ts';
import { stepState } from './scope.ts';
import { each, graphOf, TestRun } from './test-run.ts';

const body = [{ id: 'a' }, { id: 'b', depends_on: ['a'] }];
const one = [{ id: 'a' }];
const abc = ['x', 'y', 'z'];
const run = (config: Parameters<typeof each>[1], rest: Parameters<typeof each>[2] = {}, after: Parameters<typeof graphOf>[0] = []) =>
  new TestRun(graphOf([each('l', config, rest), ...after])).go();
const running = (test: TestRun) =>
  [...new Set(test.starts)].filter((key) => {
    const at = stepState(test.state, key);
    return at?.status === 'running' && at.loop === null;
  });

describe('checklist #36: a loop over a list', () => {
  test('runs its body for each item, one after another, with results in order', () => {
    const test = run({ items: abc, steps: body });
    expect(test.starts).toEqual(['l', 'l[0].a']);
    for (const n of [0, 1, 2]) test.complete(`l[${n}].a`).complete(`l[${n}].b`, n * 10);
    expect(test.starts).toEqual(['l', ...[0, 1, 2].flatMap((n) => [`l[${n}].a`, `l[${n}].b`])]);
    expect([test.state.status, test.state.output]).toEqual(['completed', { l: [0, 10, 20] }]);
  });

  test('results are in the order of the items, whatever the order of ends', () => {
    const test = run({ items: abc, steps: one, concurrency: 3 });
    expect(running(test)).toEqual(['l[0].a', 'l[1].a', 'l[2].a']);
    test.complete('l[2].a', 'c').complete('l[0].a', 'a').complete('l[1].a', 'b');
    expect(test.step('l').output).toEqual(['a', 'b', 'c']);
  });

  test('never has more under way than its concurrency, and fills each place that becomes free', () => {
    const test = run({ items: [1, 2, 3, 4], steps: body, concurrency: 2 });
    expect(running(test)).toEqual(['l[0].a', 'l[1].a']);
    test.complete('l[1].a').complete('l[1].b');
    expect(running(test)).toEqual(['l[0].a', 'l[2].a']);
    expect(test.step('l').progress).toBe(0.25);
  });

  test.each(['all', 'all_settled'])('an empty list with mode %s has no results', (mode) => {
    const test = run({ items: [], steps: one, mode });
    expect([test.state.status, test.step('l').output]).toEqual(['completed', []]);
  });

  test.each(['any', 'race'])('an empty list fails mode %s: nothing can complete', (mode) => {
    expect(run({ items: [], steps: one, mode }).state.error).toMatchObject({ code: 'NO_ITERATION_COMPLETED', step: 'l' });
  });

  test('the result is that of the named step, of the last one, or a map of several last ones', () => {
    const result = (config: { output?: string; steps: typeof body }): Json => {
      const test = run({ items: [1], ...config });
      for (const { id } of config.steps) test.complete(`l[0].${id}`, id);
      return test.step('l').output;
    };
    expect(result({ steps: body })).toEqual(['b']);
    expect(result({ steps: body, output: 'a' })).toEqual(['a']);
    expect(result({ steps: [...body, { id: 'c', depends_on: ['a'] }] })).toEqual([{ b: 'b', c: 'c' }]);
  });

  test('an iteration whose last step is skipped results in null', () => {
    const test = new TestRun(graphOf([each('l', { items: [1], steps: [{ id: 'a', run_when: 'no' }] })]), () => false).go();
    expect(test.step('l').output).toEqual([null]);
  });
});

describe('how a loop ends', () => {
  test('all: the first failure cancels what is under way, begins nothing, and fails the loop', () => {
    const test = run({ items: [...abc, 'w'], steps: body, concurrency: 3 })
      .complete('l[0].a')
      .complete('l[0].b', 1);
    test.fail('l[1].a', 'BOOM');
    expect(test.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[2].a', 'l[3].a']);
    expect([test.step('l').status, test.step('l[1].b').skipReason, test.step('l[2].b').skipReason]).toEqual([
      'running',
      'upstream',
      'cancelled',
    ]);
    test.on({ type: 'step_cancelled', step: 'l[2].a', at: test.now }).complete('l[3].a');
    expect(test.step('l').error).toMatchObject({ code: 'ITERATION_FAILED', message: 'Iteration 1 failed: BOOM' });
    expect(test.state.error).toMatchObject({
      code: 'ITERATION_FAILED',
      step: 'l',
      data: { iteration: 1, error: { code: 'BOOM', step: 'l[1].a' } },
    });
    expect(test.state.status).toBe('failed');
  });

  test('all_settled: each may end as it likes, and the loop completes', () => {
    const test = run({ items: abc, steps: one, concurrency: 3, mode: 'all_settled' });
    test.fail('l[0].a', 'BOOM').complete('l[1].a', 1).complete('l[2].a', 2);
    expect(test.step('l').output).toMatchObject([
      { index: 0, status: 'failed', error: { code: 'BOOM', step: 'l[0].a' } },
      { index: 1, status: 'completed', output: 1 },
      { index: 2, status: 'completed', output: 2 },
    ]);
    expect(test.state.status).toBe('completed');
  });

  test('any: the first that completes wins and cancels the others; failures before it do not matter', () => {
    const test = run({ items: abc, steps: one, concurrency: 3, mode: 'any' }).fail('l[0].a').complete('l[2].a', 'won');
    expect(test.works.at(-1)).toEqual({ kind: 'cancel_step', step: 'l[1].a' });
    test.on({ type: 'step_cancelled', step: 'l[1].a', at: test.now });
    expect([test.state.status, test.step('l').output]).toEqual(['completed', [{ index: 2, status: 'completed', output: 'won' }]]);
  });

  test('any: fails when none completed', () => {
    const test = run({ items: [1, 2], steps: one, concurrency: 2, mode: 'any' })
      .fail('l[1].a')
      .fail('l[0].a', 'BOOM');
    expect(test.state.error?.message).toBe('None of 2 iterations completed; Iteration 0 failed: BOOM');
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
    const test = run({ items: [1], steps })
      .fail('l[0].a')
      .complete('l[0].save', 'ok');
    expect([test.state.status, test.step('l').output]).toEqual(['completed', ['ok']]);
  });

  test('break_when is asked after each iteration: no further one begins, those under way count', () => {
    const asked: (number | undefined)[] = [];
    const graph = graphOf([each('l', { items: [1, 2, 3, 4, 5], steps: one, concurrency: 2, break_when: 'enough' })]);
    const test = new TestRun(graph, (_, __, iteration) => asked.push(iteration) > 0 && iteration === 1).go();
    test.complete('l[0].a', 0).complete('l[1].a', 1);
    expect([asked, running(test)]).toEqual([[0, 1], ['l[2].a']]);
    test.complete('l[2].a', 2);
    expect([test.state.status, test.step('l').output]).toEqual(['completed', [0, 1, 2]]);
  });

  test('while is asked before each iteration, at most max_iterations times; item is the result before', () => {
    const graph = graphOf([each('l', { while: 'more', max_iterations: 3, steps: one })]);
    const test = new TestRun(graph, (_, __, iteration) => (iteration ?? 0) < 2).go().complete('l[0].a', 'p').complete('l[1].a', 'q');
    expect(test.step('l').output).toEqual(['p', 'q']);
    expect(test.step('l').loop?.iterations.map(({ item }) => item)).toEqual([null, 'p']);
    const endless = new TestRun(graph).go().complete('l[0].a', 1).complete('l[1].a', 2).complete('l[2].a', 3);
    expect(endless.step('l').output).toEqual([1, 2, 3]);
  });

  test('a condition that throws fails the loop', () => {
    const graph = graphOf([each('l', { while: 'more', steps: one })]);
    const test = new TestRun(graph, () => {
      throw new Error('no');
    }).go();
    expect(test.state.error).toMatchObject({ code: 'CONDITION_EVALUATION_ERROR', step: 'l' });
  });

  test('results that are too large fail the loop with a clear text', () => {
    const test = run({ items: [1, 2], steps: one })
      .complete('l[0].a', 'x'.repeat(600_000))
      .complete('l[1].a', 'x'.repeat(600_000));
    expect(test.state.error?.code).toBe('OUTPUT_TOO_LARGE');
  });
});

describe('around a loop', () => {
  test('a retry of the loop runs all iterations again, after its delay', () => {
    const test = run({ items: [1, 2], steps: one }, { retry: { max_attempts: 2, delay: 5 } })
      .complete('l[0].a')
      .fail('l[1].a');
    expect([test.step('l').status, test.wakeAt]).toEqual(['waiting', 6000]);
    test.now = 6000;
    test.go();
    expect([test.step('l').attempt, running(test)]).toEqual([2, ['l[0].a']]);
    test.complete('l[0].a', 1).complete('l[1].a', 2);
    expect([test.state.status, test.step('l').output]).toEqual(['completed', [1, 2]]);
  });

  test('on_error continue, a fallback and an error branch of the loop take its failure', () => {
    expect(run({ items: [1], steps: one }, { on_error: 'continue' }).fail('l[0].a').state.status).toBe('completed');
    expect(
      run({ items: [1], steps: one }, { fallback_step: 'f' }, [{ id: 'f' }])
        .fail('l[0].a')
        .complete('f').state.status,
    ).toBe('completed');
    const after = [{ id: 'rescue', depends_on: [{ step: 'l', branch: 'error' }] }];
    expect(
      run({ items: [1], steps: one }, {}, after)
        .fail('l[0].a')
        .complete('rescue').state.status,
    ).toBe('completed');
  });

  test('its timeout cancels what is under way; a pause moves it', () => {
    const test = run({ items: [1, 2], steps: one, concurrency: 2 }, { timeout: 10 }).complete('l[0].a');
    expect(test.wakeAt).toBe(11_000);
    const late = fold(test.graph, test.journal);
    test.now = 11_000;
    test.go().on({ type: 'step_cancelled', step: 'l[1].a', at: test.now });
    expect(test.step('l').error).toMatchObject({ code: 'STEP_TIMEOUT' });
    const paused = new TestRun(test.graph, () => true, late);
    paused.on(pauseRun(late, 2000) ?? never()).complete('l[1].a', 1);
    expect(paused.state.status).toBe('paused');
    const other = run({ items: [1], steps: one }, { timeout: 10 }).on({
      type: 'step_waiting',
      step: 'l[0].a',
      attempt: 1,
      kind: 'timer',
      wake_at: 5000,
      at: 1000,
    });
    expect(other.state.status).toBe('waiting');
    other.on(pauseRun(other.state, 2000) ?? never()).on(resumeRun(other.state, 4000) ?? never());
    expect(other.wakeAt).toBe(7000);
    expect(other.step('l').loop?.deadline).toBe(13_000);
  });

  test('waits in parallel iterations make the run wait, and wake each at its time', () => {
    const test = run({ items: [1, 2], steps: one, concurrency: 2 });
    for (const n of [0, 1])
      test.on({ type: 'step_waiting', step: `l[${n}].a`, attempt: 1, kind: 'timer', wake_at: 2000 + n * 1000, data: n, at: 1000 });
    expect([test.state.status, test.wakeAt]).toEqual(['waiting', 2000]);
    test.now = 2000;
    expect(test.go().wakeAt).toBe(3000);
    test.now = 3000;
    expect([test.go().state.status, test.step('l').output]).toEqual(['completed', [0, 1]]);
  });

  test('a cancel of the run ends all iterations and then the loop', () => {
    const test = run({ items: abc, steps: body, concurrency: 2 }).complete('l[0].a');
    test.on(cancelRun(test.state, test.now) ?? never());
    expect(test.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[0].b', 'l[1].a']);
    test.on({ type: 'step_cancelled', step: 'l[0].b', at: 1 }, { type: 'step_cancelled', step: 'l[1].a', at: 1 });
    expect([test.state.status, test.step('l').status, test.step('l').loop?.iterations.length]).toEqual(['cancelled', 'cancelled', 2]);
  });

  test('cancel_rest reaches into a loop that only its join was waiting for', () => {
    const test = run({ items: [1, 2], steps: body, concurrency: 2 }, {}, [
      { id: 'fast' },
      { id: 'join', depends_on: ['l', 'fast'], join: 'any', cancel_rest: true },
    ]);
    test.complete('fast');
    expect(test.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[0].a', 'l[1].a']);
    test.on({ type: 'step_cancelled', step: 'l[0].a', at: 1 }, { type: 'step_cancelled', step: 'l[1].a', at: 1 }).complete('join');
    expect([test.statuses.l, test.state.status]).toEqual(['cancelled', 'completed']);
  });

  test('checklist #94: undo goes through the iterations, last started first', () => {
    const undo = { type: 'work' };
    const test = run({ items: [1, 2], steps: [{ id: 'a', undo }] }, {}, [
      { id: 'end', depends_on: ['l'] },
      { id: 'first', undo },
    ]);
    test.complete('first').complete('l[0].a').complete('l[1].a').fail('end');
    const undone: string[] = [];
    for (let work = test.works.at(-1); work?.kind === 'undo' && test.state.status === 'rolling_back'; work = test.works.at(-1)) {
      undone.push(work.step);
      test.on({ type: 'step_undone', step: work.step, attempt: 1, at: test.now });
    }
    expect([undone, test.state.status]).toEqual([['l[1].a', 'first', 'l[0].a'], 'failed']);
  });

  test('checklist #78: a take-over repeats what ran and nothing that had ended', () => {
    const first = run({ items: abc, steps: body, concurrency: 2 }).complete('l[0].a').complete('l[0].b', 0).complete('l[1].a');
    const state = fold(first.graph, first.journal);
    recover(state);
    const second = new TestRun(first.graph, () => true, state).go();
    expect(second.starts).toEqual(['l[1].b', 'l[2].a']);
    second.complete('l[1].b', 1).complete('l[2].a').complete('l[2].b', 2);
    expect([state.status, second.step('l').output]).toEqual(['completed', [0, 1, 2]]);
  });

  test('resume from a loop runs its iterations again; from a step after it they are kept', () => {
    const test = run({ items: [1], steps: one }, {}, [{ id: 'end', depends_on: ['l'] }])
      .complete('l[0].a', 'r')
      .fail('end');
    const again = (fromStep: string) => {
      const plan = planReopen(test.state, { kind: 'resume', fromStep }, test.now);
      if (!plan.ok) throw new Error(plan.message);
      return new TestRun(test.graph, () => true, fold(test.graph, [...test.journal, plan.event])).go();
    };
    expect(again('end').starts).toEqual(['end']);
    const all = again('l');
    expect([all.starts, all.step('l').execution, all.step('l[0].a').execution]).toEqual([['l', 'l[0].a'], 2, 2]);
  });

  test('checklist #89: more steps than the limit fail the run', () => {
    const graph = graphOf([each('l', { while: 'on', max_iterations: 100, steps: one })], { limits: { steps: 5 } });
    const test = new TestRun(graph).go();
    for (let n = 0; n < 5 && test.state.status === 'running'; n++) test.complete(`l[${n}].a`);
    expect(test.state.error).toMatchObject({ code: 'STEP_LIMIT' });
    expect([test.state.status, test.step('l').loop?.iterations.length]).toEqual(['failed', 5]);
  });
});

describe('loops in loops', () => {
  const nested = () => run({ items: [1, 2], steps: [each('in', { items: ['x', 'y'], steps: body, concurrency: 2 })], concurrency: 2 });

  test('steps are named by the way to them, and results nest', () => {
    const test = nested();
    expect(running(test)).toEqual(['l[0].in[0].a', 'l[0].in[1].a', 'l[1].in[0].a', 'l[1].in[1].a']);
    for (const i of [0, 1]) for (const j of [0, 1]) test.complete(`l[${i}].in[${j}].a`).complete(`l[${i}].in[${j}].b`, `${i}${j}`);
    expect(test.step('l').output).toEqual([
      ['00', '01'],
      ['10', '11'],
    ]);
  });

  test('a failure deep inside ends both loops', () => {
    const test = nested().fail('l[0].in[1].a', 'BOOM');
    expect(test.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[0].in[0].a']);
    test.on({ type: 'step_cancelled', step: 'l[0].in[0].a', at: 1 });
    test.on({ type: 'step_cancelled', step: 'l[1].in[0].a', at: 1 }, { type: 'step_cancelled', step: 'l[1].in[1].a', at: 1 });
    expect(test.state.error?.message).toBe('Iteration 0 failed: Iteration 1 failed: BOOM');
    expect(test.state.status).toBe('failed');
  });
});

function never(): never {
  throw new Error('Refused');
}
