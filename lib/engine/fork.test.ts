import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { apply } from './apply.ts';
import { planFork } from './fork.ts';
import type { RunState } from './state.ts';
import { initialState } from './state.ts';
import { conditionsOf, playOut, randomRun, startRandomRun } from './test-random-run.ts';
import { graphOf, TestRun } from './test-run.ts';
import { undoOrder } from './undo.ts';

const chain = [{ id: 'a' }, { id: 'b', depends_on: ['a'] }, { id: 'c', depends_on: ['b'] }, { id: 'side' }];

function fork(source: RunState, graph = source.graph, fromStep: string | null = null, outputs: Record<string, Json> = {}) {
  return planFork(source, graph, { run: 'run_1', fromStep, outputs: new Map(Object.entries(outputs)) }, 5000);
}

/** The new run after its seed, before its first move. */
function forked(plan: ReturnType<typeof fork>, graph: RunState['graph'], conditions?: ConstructorParameters<typeof TestRun>[1]): TestRun {
  if (!plan.ok) throw new Error(plan.message);
  const state = initialState(graph);
  apply(state, { type: 'run_queued', trigger: 'manual', version: 1, at: 5000 });
  for (const event of plan.events) apply(state, event);
  const run = new TestRun(graph, conditions, state);
  run.now = 5000;
  return run;
}

describe('a fork', () => {
  test('keeps what had ended before the step and runs the rest; the output may be another one', () => {
    const source = new TestRun(graphOf(chain)).go().complete('side', 's').complete('a', 1).fail('b');
    const plan = fork(source.state, undefined, 'b', { a: 2 });
    expect(plan).toMatchObject({ ok: true, kept: ['a', 'side'], runsAgain: ['b', 'c'] });
    const run = forked(plan, source.graph).go();
    expect(run.statuses).toEqual({ a: 'completed', b: 'running', c: 'pending', side: 'completed' });
    expect([run.step('a').output, run.step('side').output, run.step('b').execution]).toEqual([2, 's', 1]);
    expect(run.starts).toEqual(['b']);
    run.complete('b').complete('c', 'end');
    expect([run.state.status, run.state.output]).toEqual(['completed', { c: 'end', side: 's' }]);
  });

  test('without a step runs everything but what is given an output', () => {
    const source = new TestRun(graphOf(chain)).go().complete('side').complete('a').complete('b').complete('c');
    expect(fork(source.state)).toMatchObject({ kept: [], runsAgain: ['a', 'b', 'c', 'side'] });
    expect(fork(source.state, undefined, null, { b: 1 })).toMatchObject({ kept: ['b'], runsAgain: ['a', 'c', 'side'] });
  });

  test('runs what had failed, was cut off or undone, and what was skipped because of it', () => {
    const graph = graphOf([{ id: 'bad' }, { id: 'after', depends_on: ['bad'] }, { id: 'good' }, { id: 'last', depends_on: ['good'] }]);
    const source = new TestRun(graph).go().complete('good').fail('bad').complete('last');
    expect(source.statuses.after).toBe('skipped: upstream');
    expect(fork(source.state, undefined, 'last')).toMatchObject({ kept: ['good'], runsAgain: ['bad', 'after', 'last'] });
  });

  test('on another version keeps by id; new steps run, and a given output can answer for a branch', () => {
    const v1 = [
      { id: 'check', type: 'check' },
      { id: 'yes', depends_on: [{ step: 'check', branch: 'true' }] },
    ];
    const source = new TestRun(graphOf(v1)).go().complete('check', { branch: 'true' }, 'true').fail('yes');
    const v2 = graphOf([...v1, { id: 'no', depends_on: [{ step: 'check', branch: 'false' }] }, { id: 'audit' }]);
    const run = forked(fork(source.state, v2, 'yes', { check: { branch: 'false' } }), v2).go();
    expect(run.statuses).toEqual({ check: 'completed', yes: 'skipped: not_taken', no: 'running', audit: 'running' });
  });

  test('is refused for an unknown step, and for an output of a step that runs', () => {
    const source = new TestRun(graphOf(chain)).go();
    expect(fork(source.state, undefined, 'nope')).toMatchObject({ ok: false, code: 'unknown_step' });
    expect(fork(source.state, undefined, 'b', { nope: 1 })).toMatchObject({ ok: false, code: 'unknown_step' });
    expect(fork(source.state, undefined, 'b', { c: 1 })).toMatchObject({ ok: false, code: 'runs_again' });
  });

  test('never undoes what happened in the other run, until it runs here itself', () => {
    const steps = [
      { id: 'a', undo: { type: 'work' } },
      { id: 'b', depends_on: ['a'], undo: { type: 'work' } },
      { id: 'c', depends_on: ['b'] },
    ];
    const source = new TestRun(graphOf(steps)).go().complete('a').complete('b');
    const run = forked(fork(source.state, undefined, 'b'), source.graph)
      .go()
      .complete('b');
    expect(undoOrder(run.state)).toEqual(['b']);
    run
      .on({ type: 'run_reopened', kind: 'restart', from_step: null, reset: ['a', 'b', 'c'], at: 6000 })
      .complete('a')
      .complete('b');
    expect(undoOrder(run.state)).toEqual(['b', 'a']);
  });

  test('of any random run at any step ends, with the same fold from its journal', () => {
    fc.assert(
      fc.property(randomRun(), fc.array(fc.nat(50), { minLength: 1 }), fc.nat(30), fc.nat(30), (random, picks, limit, at) => {
        const source = playOut(startRandomRun(random), random, picks, limit);
        const from = source.graph.steps[at % source.graph.steps.length]?.id ?? '';
        const plan = fork(source.state, undefined, from);
        if (!plan.ok) throw new Error(plan.message);
        expect([...plan.kept, ...plan.runsAgain].sort()).toEqual(source.graph.steps.map((step) => step.id).sort());
        expect(plan.runsAgain).toContain(from);
        const run = playOut(forked(plan, source.graph, conditionsOf(random)), random, picks);
        expect(['completed', 'failed', 'cancelled']).toContain(run.state.status);
        for (const id of plan.kept) expect(run.starts).not.toContain(id);
      }),
      { numRuns: 300 },
    );
  });
});
