import { describe, expect, test } from 'vitest';
import { fold } from './apply.ts';
import { planReopen } from './resume.ts';
import { graphOf, TestRun } from './test-run.ts';

const chain = [{ id: 'a' }, { id: 'b', depends_on: ['a'] }, { id: 'c', depends_on: ['b'] }, { id: 'side' }];

function reset(run: TestRun, fromStep: string | null, kind: 'resume' | 'restart' = 'resume'): readonly string[] | string {
  const plan = planReopen(run.state, { kind, fromStep }, run.now);
  return plan.ok ? plan.event.reset : plan.code;
}

describe('resume from a step', () => {
  test('checklist #118: that step and all after it run again, earlier results are kept', () => {
    const run = new TestRun(graphOf(chain)).go().complete('side', 's').complete('a', 1).fail('b');
    expect(run.state.status).toBe('failed');
    const plan = planReopen(run.state, { kind: 'resume', fromStep: 'b' }, 5000);
    if (!plan.ok) throw new Error(plan.message);
    expect(plan.event).toEqual({ type: 'run_reopened', kind: 'resume', from_step: 'b', reset: ['b', 'c'], at: 5000 });
    run.on(plan.event);
    expect(run.statuses).toEqual({ a: 'completed', b: 'running', c: 'pending', side: 'completed' });
    expect([run.step('b').attempt, run.step('b').execution, run.step('a').execution]).toEqual([1, 2, 1]);
    expect([run.state.error, run.state.endedAt]).toEqual([null, null]);
    run.complete('b').complete('c', 'end');
    expect([run.state.status, run.state.output]).toEqual(['completed', { c: 'end', side: 's' }]);
  });

  test('is refused for an unknown step and in other statuses', () => {
    const run = new TestRun(graphOf(chain)).go();
    expect(reset(run, 'nope')).toBe('unknown_step');
    expect(reset(run, 'a')).toBe('wrong_status');
    run.complete('side').complete('a').complete('b').complete('c');
    expect(reset(run, 'a')).toBe('wrong_status');
  });

  test('after a cancel also runs what the cancel cut off', () => {
    const run = new TestRun(graphOf([...chain, { id: 'join', depends_on: ['c', 'side'] }])).go().complete('a');
    run.on({ type: 'run_cancelling', reason: 'request', at: run.now });
    run.on({ type: 'step_cancelled', step: 'b', at: run.now }, { type: 'step_cancelled', step: 'side', at: run.now });
    expect(run.state.status).toBe('cancelled');
    expect(reset(run, 'b')).toEqual(['b', 'c', 'side', 'join']);
  });

  test('takes the fallback with its step, and what follows the step with its fallback', () => {
    const graph = graphOf([{ id: 'a', fallback_step: 'f' }, { id: 'f' }, { id: 'b', depends_on: ['a'] }]);
    const run = new TestRun(graph).go().fail('a').fail('f');
    expect(run.state.status).toBe('failed');
    expect(reset(run, 'a')).toEqual(['a', 'f', 'b']);
    expect(reset(run, 'f')).toEqual(['f', 'b']);
    const plan = planReopen(run.state, { kind: 'resume', fromStep: 'f' }, run.now);
    if (plan.ok) run.on(plan.event);
    run.complete('f', 'saved').complete('b', 'ok');
    expect([run.statuses, run.state.status]).toEqual([{ a: 'failed', f: 'completed', b: 'completed' }, 'completed']);
  });

  test('a paused run: what waits goes on waiting', () => {
    const run = new TestRun(graphOf([{ id: 'nap' }, { id: 'a' }, { id: 'b', depends_on: ['a'] }], { on_error: 'pause' })).go();
    run.on({ type: 'step_waiting', step: 'nap', attempt: 1, kind: 'timer', wake_at: 9000, at: 1000 }).fail('a');
    expect(run.state.status).toBe('paused');
    const plan = planReopen(run.state, { kind: 'resume', fromStep: 'a' }, run.now);
    if (plan.ok) run.on(plan.event);
    expect([run.statuses, run.wakeAt]).toEqual([{ nap: 'waiting', a: 'running', b: 'pending' }, 9000]);
  });

  test('checklist #121: the time spent paused is added to what goes on waiting', () => {
    const run = new TestRun(graphOf([{ id: 'nap' }, { id: 'a' }], { on_error: 'pause' })).go();
    run.on({ type: 'step_waiting', step: 'nap', attempt: 1, kind: 'timer', wake_at: 9000, at: 1000 }).fail('a');
    run.now += 60_000;
    const plan = planReopen(run.state, { kind: 'resume', fromStep: 'a' }, run.now);
    if (plan.ok) run.on(plan.event);
    expect([run.statuses, run.wakeAt]).toEqual([{ nap: 'waiting', a: 'running' }, 69_000]);
  });
});

describe('restart', () => {
  test('checklist #123, #124: runs everything again, or from a step, from any status', () => {
    const run = new TestRun(graphOf(chain)).go().complete('a');
    expect(reset(run, null, 'restart')).toEqual(['a', 'b', 'c', 'side']);
    // What is in flight belongs to the old execution.
    expect(reset(run, 'c', 'restart')).toEqual(['b', 'c', 'side']);
    run.on({ type: 'event_received', event_type: 'paid', payload: 1, at: run.now });
    run.complete('side').complete('b').complete('c');
    const plan = planReopen(run.state, { kind: 'restart', fromStep: null }, run.now);
    if (plan.ok) run.on(plan.event);
    expect(run.state.events.size).toBe(0);
    expect(run.statuses).toEqual({ a: 'running', b: 'pending', c: 'pending', side: 'running' });
  });
});

describe('what can not be kept', () => {
  test('an undone step runs again, with all after it', () => {
    const run = new TestRun(
      graphOf([
        { id: 'pay', undo: { type: 'work' } },
        { id: 'book', depends_on: ['pay'] },
        { id: 'end', depends_on: ['book'] },
      ]),
    );
    run.go().complete('pay').complete('book').fail('end');
    run.on({ type: 'step_undone', step: 'pay', attempt: 1, at: run.now });
    expect(run.state.status).toBe('failed');
    expect(reset(run, 'end')).toEqual(['pay', 'book', 'end']);
  });

  test('a retry runs what failed and what it kept from running', () => {
    const run = new TestRun(graphOf([...chain, { id: 'last', depends_on: ['c', 'side'] }])).go().complete('a').complete('side').fail('b');
    const plan = planReopen(run.state, { kind: 'retry', fromStep: null }, run.now);
    expect(plan).toMatchObject({ ok: true, kept: ['a', 'side'], event: { kind: 'resume', reset: ['b', 'c', 'last'] } });
    if (plan.ok) run.on(plan.event);
    expect(run.complete('b').complete('c').complete('last').state.status).toBe('completed');
    expect(planReopen(run.state, { kind: 'retry', fromStep: null }, run.now)).toMatchObject({ code: 'wrong_status' });
  });
});

describe('on another version', () => {
  const v2 = (change: object) => graphOf(chain.map((step) => (step.id === 'a' ? { ...step, ...change } : step)));
  const onto = (run: TestRun, change: object, fromStep = 'b') =>
    planReopen(run.state, { kind: 'resume', fromStep, onto: { graph: v2(change), version: 2 } }, run.now);

  test('goes on where every carried step says the same, wherever it stands on the canvas', () => {
    const run = new TestRun(graphOf(chain)).go().complete('a').complete('side').fail('b');
    const plan = onto(run, { name: 'First', position: { x: 1, y: 2 } });
    expect(plan).toMatchObject({ ok: true, kept: ['a', 'side'], event: { version: 2, reset: ['b', 'c'] } });
  });

  test('is refused where one differs, saying which; running it again is allowed', () => {
    const run = new TestRun(graphOf(chain)).go().complete('a').complete('side').fail('b');
    const refused = onto(run, { config: { x: 1 } });
    expect(refused).toMatchObject({ ok: false, code: 'changed_steps' });
    expect(refused.ok ? '' : refused.message).toContain("The results of 'a' would be kept, but version 2 says something else there");
    expect(onto(run, { config: { x: 1 } }, 'a')).toMatchObject({ ok: true, kept: ['side'] });
  });

  test('the journal folds on the new graph: removed steps are forgotten, new ones run', () => {
    const run = new TestRun(graphOf([...chain, { id: 'old' }])).go().complete('old').complete('a').complete('side').fail('b');
    const graph = graphOf([...chain, { id: 'new', depends_on: ['a'] }]);
    const plan = planReopen(run.state, { kind: 'resume', fromStep: 'b', onto: { graph, version: 2 } }, run.now);
    if (!plan.ok) throw new Error(plan.message);
    const next = new TestRun(graph, undefined, fold(graph, [...run.journal, plan.event])).go();
    expect(next.statuses).toEqual({ a: 'completed', b: 'running', c: 'pending', side: 'completed', new: 'running' });
    expect([next.state.version, next.step('b').execution]).toEqual([2, 2]);
    expect(next.complete('b').complete('c').complete('new').state.status).toBe('completed');
  });
});
