import { describe, expect, test } from 'vitest';
import { fold } from './apply.ts';
import { cancelRun, pauseRun, resumeRun } from './control.ts';
import { recover } from './decide.ts';
import { planFork } from './fork.ts';
import { planReopen } from './resume.ts';
import { each, graphOf, runLoop as run, runningIn as running, TestRun } from './test-run.ts';

const body = [{ id: 'a' }, { id: 'b', depends_on: ['a'] }];
const one = [{ id: 'a' }];
const abc = ['x', 'y', 'z'];

describe('around a loop', () => {
  test('a retry of the loop runs all iterations again, after its delay', () => {
    const flow = run({ items: [1, 2], steps: one }, { retry: { max_attempts: 2, delay: 5 } })
      .complete('l[0].a')
      .fail('l[1].a');
    expect([flow.step('l').status, flow.wakeAt]).toEqual(['waiting', 6000]);
    flow.now = 6000;
    flow.go();
    expect([flow.step('l').attempt, running(flow)]).toEqual([2, ['l[0].a']]);
    flow.complete('l[0].a', 1).complete('l[1].a', 2);
    expect([flow.state.status, flow.step('l').output]).toEqual(['completed', [1, 2]]);
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
    const flow = run({ items: [1, 2], steps: one, concurrency: 2 }, { timeout: 10 }).complete('l[0].a');
    expect(flow.wakeAt).toBe(11_000);
    const late = fold(flow.graph, flow.journal);
    flow.now = 11_000;
    flow.go().on({ type: 'step_cancelled', step: 'l[1].a', at: flow.now });
    expect(flow.step('l').error).toMatchObject({ code: 'STEP_TIMEOUT' });
    const paused = new TestRun(flow.graph, () => true, late);
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
    const flow = run({ items: [1, 2], steps: one, concurrency: 2 });
    for (const n of [0, 1])
      flow.on({ type: 'step_waiting', step: `l[${n}].a`, attempt: 1, kind: 'timer', wake_at: 2000 + n * 1000, data: n, at: 1000 });
    expect([flow.state.status, flow.wakeAt]).toEqual(['waiting', 2000]);
    flow.now = 2000;
    expect(flow.go().wakeAt).toBe(3000);
    flow.now = 3000;
    expect([flow.go().state.status, flow.step('l').output]).toEqual(['completed', [0, 1]]);
  });

  test('a cancel of the run ends all iterations and then the loop', () => {
    const flow = run({ items: abc, steps: body, concurrency: 2 }).complete('l[0].a');
    flow.on(cancelRun(flow.state, flow.now) ?? never());
    expect(flow.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[0].b', 'l[1].a']);
    flow.on({ type: 'step_cancelled', step: 'l[0].b', at: 1 }, { type: 'step_cancelled', step: 'l[1].a', at: 1 });
    expect([flow.state.status, flow.step('l').status, flow.step('l').loop?.iterations.length]).toEqual(['cancelled', 'cancelled', 2]);
  });

  test('cancel_rest reaches into a loop that only its join was waiting for', () => {
    const flow = run({ items: [1, 2], steps: body, concurrency: 2 }, {}, [
      { id: 'fast' },
      { id: 'join', depends_on: ['l', 'fast'], join: 'any', cancel_rest: true },
    ]);
    flow.complete('fast');
    expect(flow.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[0].a', 'l[1].a']);
    flow.on({ type: 'step_cancelled', step: 'l[0].a', at: 1 }, { type: 'step_cancelled', step: 'l[1].a', at: 1 }).complete('join');
    expect([flow.statuses.l, flow.state.status]).toEqual(['cancelled', 'completed']);
  });

  test('checklist #94: undo goes through the iterations, last started first', () => {
    const undo = { type: 'work' };
    const flow = run({ items: [1, 2], steps: [{ id: 'a', undo }] }, {}, [
      { id: 'end', depends_on: ['l'] },
      { id: 'first', undo },
    ]);
    flow.complete('first').complete('l[0].a').complete('l[1].a').fail('end');
    const undone: string[] = [];
    for (let work = flow.works.at(-1); work?.kind === 'undo' && flow.state.status === 'rolling_back'; work = flow.works.at(-1)) {
      undone.push(work.step);
      flow.on({ type: 'step_undone', step: work.step, attempt: 1, at: flow.now });
    }
    expect([undone, flow.state.status]).toEqual([['l[1].a', 'first', 'l[0].a'], 'failed']);
    // What the iterations did is gone, so the loop's results can't be kept.
    const plan = planReopen(flow.state, { kind: 'resume', fromStep: 'end' }, flow.now);
    expect(plan).toMatchObject({ ok: true, kept: [], event: { reset: ['l', 'end', 'first'] } });
    const fork = planFork(flow.state, flow.graph, { run: 'run_1', fromStep: 'end', outputs: new Map() }, flow.now);
    expect(fork).toMatchObject({ ok: true, kept: [] });
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
    const flow = run({ items: [1], steps: one }, {}, [{ id: 'end', depends_on: ['l'] }])
      .complete('l[0].a', 'r')
      .fail('end');
    const again = (fromStep: string) => {
      const plan = planReopen(flow.state, { kind: 'resume', fromStep }, flow.now);
      if (!plan.ok) throw new Error(plan.message);
      return new TestRun(flow.graph, () => true, fold(flow.graph, [...flow.journal, plan.event])).go();
    };
    expect(again('end').starts).toEqual(['end']);
    const all = again('l');
    expect([all.starts, all.step('l').execution, all.step('l[0].a').execution]).toEqual([['l', 'l[0].a'], 2, 2]);
  });

  test('checklist #89: more steps than the limit fail the run', () => {
    const graph = graphOf([each('l', { while: 'on', max_iterations: 100, steps: one })], { limits: { steps: 5 } });
    const flow = new TestRun(graph).go();
    for (let n = 0; n < 5 && flow.state.status === 'running'; n++) flow.complete(`l[${n}].a`);
    expect(flow.state.error).toMatchObject({ code: 'STEP_LIMIT' });
    expect([flow.state.status, flow.step('l').loop?.iterations.length]).toEqual(['failed', 5]);
  });
});

describe('loops in loops', () => {
  const nested = () => run({ items: [1, 2], steps: [each('in', { items: ['x', 'y'], steps: body, concurrency: 2 })], concurrency: 2 });

  test('steps are named by the way to them, and results nest', () => {
    const flow = nested();
    expect(running(flow)).toEqual(['l[0].in[0].a', 'l[0].in[1].a', 'l[1].in[0].a', 'l[1].in[1].a']);
    for (const i of [0, 1]) for (const j of [0, 1]) flow.complete(`l[${i}].in[${j}].a`).complete(`l[${i}].in[${j}].b`, `${i}${j}`);
    expect(flow.step('l').output).toEqual([
      ['00', '01'],
      ['10', '11'],
    ]);
  });

  test('a failure deep inside ends both loops', () => {
    const flow = nested().fail('l[0].in[1].a', 'BOOM');
    expect(flow.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['l[0].in[0].a']);
    flow.on({ type: 'step_cancelled', step: 'l[0].in[0].a', at: 1 });
    flow.on({ type: 'step_cancelled', step: 'l[1].in[0].a', at: 1 }, { type: 'step_cancelled', step: 'l[1].in[1].a', at: 1 });
    expect(flow.state.error?.message).toBe('Iteration 0 failed: Iteration 1 failed: BOOM');
    expect(flow.state.status).toBe('failed');
  });
});

function never(): never {
  throw new Error('Refused');
}

describe('a loop whose journal another worker reads', () => {
  test('waits while its iteration waits, so the run gives its slot back and is parked', () => {
    const flow = run({ while: 'more', max_iterations: 3, steps: one });
    flow.on({ type: 'step_waiting', step: 'l[0].a', attempt: 1, kind: 'approval', wake_at: null, at: flow.now });
    expect(flow.state.status).toBe('waiting');
    const found = fold(flow.graph, flow.journal);
    recover(found);
    expect([found.status, found.busy.size]).toEqual(['waiting', 0]);
  });
});
