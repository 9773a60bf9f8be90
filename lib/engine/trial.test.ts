import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { apply } from './apply.ts';
import { planFork } from './fork.ts';
import { planReopen } from './resume.ts';
import { initialState } from './state.ts';
import { conditionsOf, playOut, randomRun } from './test-random-run.ts';
import { graphOf, TestRun } from './test-run.ts';
import { type LastEnd, planTrial, type TrialPlan } from './trial.ts';
import { undoOrder } from './undo.ts';

const chain = [{ id: 'a' }, { id: 'b', depends_on: ['a'] }, { id: 'c', depends_on: ['b'] }, { id: 'd', depends_on: ['c'] }, { id: 'side' }];

const end = (output: Json, more: Partial<LastEnd> = {}): LastEnd => ({
  ...{ status: 'completed', output, branch: null, error: null, skipReason: null },
  ...more,
});

interface Wish {
  readonly target?: string;
  readonly only?: boolean;
  readonly pins?: Record<string, Json>;
  readonly last?: Record<string, LastEnd>;
}

function plan(graph: ReturnType<typeof graphOf>, { target, only = false, pins = {}, last = {} }: Wish) {
  const request = { target: target ?? null, only, pins: new Map(Object.entries(pins)), last: new Map(Object.entries(last)) };
  return planTrial(graph, {}, request, 5000);
}

function begun(graph: ReturnType<typeof graphOf>, wish: Wish, conditions?: ConstructorParameters<typeof TestRun>[1]): TestRun {
  const made = plan(graph, wish);
  if (!made.ok) throw new Error(made.code);
  const state = initialState(graph);
  apply(state, { type: 'run_queued', trigger: 'test', version: null, at: 5000 });
  for (const event of made.events) apply(state, event);
  const run = new TestRun(graph, conditions, state);
  run.now = 5000;
  return run.go();
}

const runs = (made: ReturnType<typeof plan>): readonly string[] => (made as TrialPlan).runs;

describe('a test run', () => {
  test('up to a step runs what the step needs and nothing else, and its output is that of the step', () => {
    const run = begun(graphOf(chain), { target: 'c' });
    expect(run.statuses).toEqual({ a: 'running', b: 'pending', c: 'pending', d: 'skipped: not_in_test', side: 'skipped: not_in_test' });
    run.complete('a').complete('b').complete('c', 'reached');
    expect([run.state.status, run.state.output, run.starts]).toEqual(['completed', 'reached', ['a', 'b', 'c']]);
    expect(run.step('d').skipReason).toBe('not_in_test');
  });

  test('takes pinned outputs and last results over, and what is only before those does not run', () => {
    expect(runs(plan(graphOf(chain), { target: 'd', pins: { b: 1 } }))).toEqual(['c', 'd']);
    expect(runs(plan(graphOf(chain), { target: 'd', last: { c: end(1) } }))).toEqual(['d']);
    const run = begun(graphOf(chain), { target: 'c', pins: { b: 'pinned' }, last: { b: end('last') } });
    expect([run.starts, run.step('b').output, run.statuses.a]).toEqual([['c'], 'pinned', 'skipped: not_in_test']);
    expect([...(run.state.trial?.pinned ?? [])]).toEqual(['b']);
  });

  test('of the whole draft runs all but the pinned steps, and never asks for the pin of its target', () => {
    const run = begun(graphOf(chain), { pins: { b: 1 } });
    expect(run.statuses).toEqual({ a: 'running', b: 'completed', c: 'running', d: 'pending', side: 'running' });
    expect(runs(plan(graphOf(chain), { target: 'b', pins: { a: 1, b: 2 } }))).toEqual(['b']);
  });

  test('of one step runs it alone, with what is known; else it names what has no result', () => {
    expect(plan(graphOf(chain), { target: 'c', only: true })).toEqual({ ok: false, code: 'no_result', steps: ['b'] });
    expect(begun(graphOf(chain), { target: 'c', only: true, last: { b: end(1) } }).starts).toEqual(['c']);
  });

  test('of one step takes the branch that leads to it, whichever was taken last', () => {
    const graph = graphOf([
      { id: 'if', type: 'branch' },
      { id: 'no', depends_on: [{ step: 'if', branch: 'false' }] },
    ]);
    expect(begun(graph, { target: 'no', only: true, last: { if: end(null, { branch: 'true' }) } }).starts).toEqual(['no']);
  });

  test('of one step after a merge of some does with those that have a result', () => {
    const graph = graphOf([{ id: 'x' }, { id: 'y' }, { id: 'first', join: 'any', depends_on: ['x', 'y'] }]);
    expect(begun(graph, { target: 'first', only: true, last: { y: end(1) } }).starts).toEqual(['first']);
    expect(plan(graph, { target: 'first', only: true })).toMatchObject({ ok: false, code: 'no_result' });
  });

  test('fails with its target, and asks for no success policy', () => {
    const policy = { success_policy: { cases: [{ required: ['d'] }] } };
    const run = begun(graphOf(chain, policy), { target: 'b' }).complete('a');
    run.complete('b', 1);
    expect(run.state.status).toBe('completed');
    const failing = begun(graphOf(chain, policy), { target: 'b', pins: { a: 1 } }).fail('b');
    expect([failing.state.status, failing.state.error?.step]).toEqual(['failed', 'b']);
  });

  test('takes back only what it did itself: nothing pinned or taken over', () => {
    const undo = { type: 'work' };
    const graph = graphOf([
      { id: 'a', undo },
      { id: 'b', undo },
      { id: 'c', undo, depends_on: ['a', 'b'] },
      { id: 'd', depends_on: ['c'] },
    ]);
    const run = begun(graph, { target: 'd', pins: { a: 1 }, last: { b: end(2) } })
      .complete('c')
      .fail('d');
    expect(undoOrder(run.state)).toEqual(['c']);
  });

  test('a failure that nothing handled is no result to go on from', () => {
    const failed = end(null, { status: 'failed', error: { code: 'X', message: 'x' } });
    expect(runs(plan(graphOf(chain), { target: 'b', last: { a: failed } }))).toEqual(['a', 'b']);
  });

  test('is neither forked nor run again, so nothing made of a pinned output gets into another run', () => {
    const { state } = begun(graphOf(chain), { target: 'b', pins: { a: 1 } }).complete('b');
    expect(planFork(state, state.graph, { run: 'run_1', fromStep: null, outputs: new Map() }, 1)).toMatchObject({ ok: false });
    expect(planReopen(state, { kind: 'restart', fromStep: null }, 1)).toMatchObject({ ok: false, code: 'wrong_status' });
  });

  test('of any graph starts nothing that the plan does not name, leaves pins as they are, and stops only by itself', () => {
    fc.assert(
      fc.property(randomRun(), fc.array(fc.nat(50), { minLength: 1 }), fc.nat(30), fc.array(fc.nat(30)), (random, picks, aim, pinned) => {
        const graph = graphOf(random.steps, random.rest);
        const idAt = (at: number) => graph.steps[at % graph.steps.length]?.id ?? '';
        const target = idAt(aim);
        const pins = Object.fromEntries(pinned.map((at) => [idAt(at), { branch: 'true', at }]));
        const made = plan(graph, { target, pins });
        const run = playOut(begun(graph, { target, pins }, conditionsOf(random)), random, picks);
        const started = new Set(run.starts.map((key) => key.split('[')[0] ?? key));
        expect([...started].filter((id) => !runs(made).includes(id))).toEqual([]);
        for (const id of (made as TrialPlan).pinned) expect(run.step(id)).toMatchObject({ status: 'completed', output: pins[id] });
        expect(['completed', 'failed', 'paused', 'waiting']).toContain(run.state.status);
      }),
      { numRuns: 300 },
    );
  });
});
