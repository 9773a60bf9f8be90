import { describe, expect, test } from 'vitest';
import { fold } from './apply.ts';
import { decide, recover } from './decide.ts';
import type { NewRunEvent } from './events.ts';
import { afterFailure } from './retry.ts';
import { graphOf, TestRun } from './test-run.ts';
import { undoOutcome } from './undo.ts';

const types = (events: readonly NewRunEvent[]): string[] => events.map((event) => event.type);

describe('branches and merges', () => {
  test('an if/else and its merge', () => {
    //            ┌─true═══▶ yes ✓ ═╗
    //   check ✓ ─┤                 ╠══▶ merge ✓
    //            └─false··▶ no –···╝
    const graph = graphOf([
      { id: 'check', type: 'check' },
      { id: 'yes', depends_on: [{ step: 'check', branch: 'true' }] },
      { id: 'no', depends_on: [{ step: 'check', branch: 'false' }] },
      { id: 'merge', depends_on: ['yes', 'no'] },
    ]);
    const run = new TestRun(graph).go().complete('check', { branch: 'true' }, 'true').complete('yes', 1);
    expect(run.statuses).toEqual({ check: 'completed', yes: 'completed', no: 'skipped: not_taken', merge: 'running' });
    run.complete('merge', 'done');
    expect([run.state.status, run.state.output]).toEqual(['completed', { merge: 'done' }]);
  });

  test('skips spread in the same move', () => {
    const chain = Array.from({ length: 50 }, (_, i) => ({ id: `s${i}`, depends_on: i === 0 ? [] : [`s${i - 1}`] }));
    const run = new TestRun(graphOf(chain)).go();
    const before = run.journal.length;
    run.fail('s0');
    expect(types(run.journal.slice(before))).toEqual(['step_failed', ...Array(49).fill('step_skipped'), 'run_completed']);
    expect(run.state.error).toEqual({ code: 'FAILED', message: 'FAILED', step: 's0' });
  });

  test('a fallback gives its output under the failed step, and is not taken when unused', () => {
    const steps = [{ id: 'a', fallback_step: 'b' }, { id: 'b' }, { id: 'c', depends_on: ['a'] }];
    const used = new TestRun(graphOf(steps, { output: 'a' })).go();
    expect(used.starts).toEqual(['a']);
    used.fail('a').complete('b', 'plan b');
    expect(used.statuses).toEqual({ a: 'failed', b: 'completed', c: 'running' });
    expect([used.complete('c').state.status, used.state.output]).toEqual(['completed', 'plan b']);
    const unused = new TestRun(graphOf(steps)).go().complete('a').complete('c');
    expect([unused.step('b').skipReason, unused.state.status]).toEqual(['not_taken', 'completed']);
  });

  test('checklist #29: ready siblings start by priority, equals in definition order; a disabled step is skipped', () => {
    const graph = graphOf([
      { id: 'a' },
      { id: 'b', priority: 5 },
      { id: 'c', enabled: false },
      { id: 'd', priority: 5 },
      { id: 'e', priority: -1 },
    ]);
    const run = new TestRun(graph).go();
    expect(run.starts).toEqual(['b', 'd', 'a', 'e']);
    expect(run.step('c').skipReason).toBe('disabled');
  });

  test('cancel_rest ends what only this join was waiting for', () => {
    //   a ✓ ═══════════════╗
    //   b … ──▶ c (pending) ╫══▶ first (any)        e also feeds f: it goes on
    //   e … ────────────────╝      e ──▶ f
    const graph = graphOf([
      { id: 'a' },
      { id: 'b' },
      { id: 'c', depends_on: ['b'] },
      { id: 'e' },
      { id: 'f', depends_on: ['e'] },
      { id: 'first', depends_on: ['a', 'c', 'e'], join: 'any', cancel_rest: true },
    ]);
    const run = new TestRun(graph).go().complete('a');
    expect(run.works.filter((work) => work.kind === 'cancel_step').map((work) => work.step)).toEqual(['b']);
    expect(run.statuses).toMatchObject({ b: 'running', c: 'skipped: cancelled', e: 'running', f: 'pending', first: 'running' });
    // The worker dies before b has stopped: b is not begun again.
    const taken = new TestRun(graph, undefined, fold(graph, run.journal));
    recover(taken.state);
    expect(taken.go().statuses).toMatchObject({ b: 'cancelled', e: 'running' });
    expect(taken.starts).toEqual(['e', 'first']);
  });
});

describe('conditions', () => {
  const graph = graphOf([
    { id: 'a', skip_when: 'skip?', run_when: 'run?' },
    { id: 'b', depends_on: ['a'] },
  ]);

  test('are asked of roots too, skip_when first', () => {
    const asked: string[] = [];
    const run = new TestRun(graph, (expression) => asked.push(expression) === 2).go();
    expect(asked).toEqual(['skip?', 'run?']);
    expect(run.statuses).toEqual({ a: 'running', b: 'pending' });
  });

  test('an error fails the step, which never started', () => {
    const run = new TestRun(graph, () => {
      throw new Error('no such field');
    }).go();
    expect(run.step('a')).toMatchObject({ status: 'failed', attempt: 0, startedAt: null });
    expect(run.state.error?.code).toBe('CONDITION_EVALUATION_ERROR');
  });

  test('good_until comes before them, after join and context', () => {
    const late = graphOf([{ id: 'a', good_until: '1970-01-01T00:00:01Z', skip_when: 'skip?' }]);
    const inTime = new TestRun(late, () => false).go();
    expect(inTime.statuses).toEqual({ a: 'running' });
    const run = new TestRun(late, () => true);
    run.now = 1001;
    expect(run.go().step('a').error?.code).toBe('TASK_EXPIRED');
  });
});

describe('time', () => {
  test('a retry waits, is due, starts the next attempt with the same execution', () => {
    const graph = graphOf([{ id: 'a', retry: { delay: 2, backoff: 'constant', max_attempts: 2 } }]);
    const run = new TestRun(graph).go();
    const [step, at] = [graph.steps[0], run.step('a')];
    if (step === undefined) throw new Error('no step');
    const attempt = { attempt: 1, startedAt: 1000, endedAt: 1100, error: { code: 'HTTP_STATUS', message: '503' }, retryable: true };
    run.now = 1100;
    run.on(afterFailure(step, at, { ...attempt, step: 'a' }, 0));
    expect([run.state.status, run.wakeAt, at.error?.code]).toEqual(['waiting', 3100, 'HTTP_STATUS']);
    run.now = 3099;
    expect(run.go().starts).toEqual(['a']);
    run.now = 3100;
    expect(run.go().works.at(-1)).toEqual({ kind: 'start', step: 'a', attempt: 2, execution: 1 });
    expect(run.wakeAt).toBeNull();
    run.on(afterFailure(step, at, { ...attempt, step: 'a', attempt: 2 }, 0));
    expect([run.state.status, run.state.error?.code]).toEqual(['failed', 'HTTP_STATUS']);
  });

  test('a timer completes its step; an event that does not come takes the timeout branch or fails', () => {
    const graph = graphOf([
      { id: 'nap' },
      { id: 'gate' },
      { id: 'door' },
      { id: 'late', depends_on: [{ step: 'door', branch: 'timeout' }] },
    ]);
    const run = new TestRun(graph).go();
    for (const [step, kind] of [
      ['nap', 'timer'],
      ['gate', 'event'],
      ['door', 'event'],
    ] as const) {
      run.on({ type: 'step_waiting', step, attempt: 1, kind, wake_at: 5000, data: 'rested', at: 1000 });
    }
    expect([run.state.status, run.wakeAt]).toEqual(['waiting', 5000]);
    run.now = 5000;
    run.go();
    expect(run.step('nap')).toMatchObject({ status: 'completed', output: 'rested', endedAt: 5000 });
    expect(run.step('gate').error?.code).toBe('WAIT_TIMEOUT');
    expect(run.step('door')).toMatchObject({ status: 'completed', branch: 'timeout', output: null });
    expect(run.statuses.late).toBe('running');
  });

  test('a run that outlives its timeout is cancelled with RUN_TIMEOUT', () => {
    const run = new TestRun(graphOf([{ id: 'a' }, { id: 'b', depends_on: ['a'] }], { timeout: 60 })).go();
    expect(run.wakeAt).toBe(61_000);
    run.now = 61_000;
    run.go();
    expect(run.works.at(-1)).toEqual({ kind: 'cancel_step', step: 'a' });
    expect(run.statuses).toEqual({ a: 'running', b: 'skipped: cancelled' });
    run.on({ type: 'step_cancelled', step: 'a', at: 61_500 });
    expect([run.state.status, run.state.error?.code]).toEqual(['cancelled', 'RUN_TIMEOUT']);
  });

  test('a pause lets what runs end, and moves timers by the time it lasted', () => {
    const run = new TestRun(graphOf([{ id: 'nap' }, { id: 'a' }, { id: 'b', depends_on: ['a'] }], { timeout: 60 })).go();
    run.on({ type: 'step_waiting', step: 'nap', attempt: 1, kind: 'timer', wake_at: 5000, at: 1000 });
    run.now = 2000;
    run.on({ type: 'run_pausing', reason: 'request', at: 2000 });
    run.now = 3000;
    run.complete('a');
    expect([run.state.status, run.wakeAt, run.statuses.b]).toEqual(['paused', null, 'pending']);
    run.now = 102_000;
    run.on({ type: 'run_resumed', at: 102_000 });
    expect([run.statuses.b, run.wakeAt, run.state.deadline]).toEqual(['running', 105_000, 161_000]);
    run.now = 105_000;
    expect(run.go().statuses.nap).toBe('completed');
  });
});

describe('the end', () => {
  test('checklist #94: undo runs backwards in order of start and stops at the first that fails', () => {
    const undo = { type: 'work' };
    const steps = [
      { id: 'a', undo },
      { id: 'b', depends_on: ['a'], undo },
      { id: 'plain', depends_on: ['b'] },
      { id: 'c', depends_on: ['plain'], undo },
      { id: 'd', depends_on: ['c'] },
    ];
    const run = new TestRun(graphOf(steps)).go().complete('a').complete('b').complete('plain').complete('c').fail('d');
    expect(run.state.status).toBe('rolling_back');
    const next = () => run.works.at(-1)?.step;
    expect([next(), undoOutcome(run.state)]).toEqual(['c', 'running']);
    expect(decide(run.state, run.now)).toEqual([]);
    run.on({ type: 'step_undone', step: 'c', attempt: 1, at: run.now });
    expect(next()).toBe('b');
    run.on({ type: 'step_undone', step: 'b', attempt: 1, error: { code: 'UNDO', message: 'no' }, at: run.now });
    expect([run.state.status, run.step('c').undo, run.step('b').undo, run.step('a').undo]).toEqual(['failed', 'done', 'failed', null]);
    expect(undoOutcome(run.state)).toBe('failed');
  });

  test('a cancel undoes only where it is asked to', () => {
    const cancelled = (rollback: boolean) =>
      new TestRun(
        graphOf([
          { id: 'a', undo: { type: 'work' } },
          { id: 'b', depends_on: ['a'] },
        ]),
      )
        .go()
        .complete('a')
        .on({ type: 'run_cancelling', reason: 'request', rollback, at: 1000 }, { type: 'step_cancelled', step: 'b', at: 1000 });
    expect(cancelled(false).state.status).toBe('cancelled');
    expect(cancelled(true).state.status).toBe('rolling_back');
  });

  test('a queued run can be cancelled: it never starts', () => {
    const run = new TestRun(graphOf([{ id: 'a' }])).on({ type: 'run_cancelling', reason: 'request', at: 1000 });
    expect(types(run.journal)).toEqual(['run_cancelling', 'step_skipped', 'run_completed']);
    expect(run.state).toMatchObject({ status: 'cancelled', startedAt: null });
  });

  test('no run hangs: what can never be reached is not taken', () => {
    const run = new TestRun(graphOf([{ id: 'x' }, { id: 'a', fallback_step: 'b' }, { id: 'b', fallback_step: 'a' }])).go().complete('x');
    expect(run.statuses).toEqual({ x: 'completed', a: 'skipped: not_taken', b: 'skipped: not_taken' });
    expect(run.state.status).toBe('completed');
  });
});

describe('a take-over', () => {
  test('repeats what its type lets it repeat, fails what may have happened, leaves what waits or runs elsewhere', () => {
    const graph = graphOf([{ id: 'get' }, { id: 'script', type: 'once' }, { id: 'far' }, { id: 'nap' }]);
    const first = new TestRun(graph).go();
    first.on(
      { type: 'step_waiting', step: 'nap', attempt: 1, kind: 'timer', wake_at: 9000, at: 1000 },
      { type: 'step_waiting', step: 'far', attempt: 1, kind: 'remote', wake_at: null, at: 1000 },
      { type: 'step_started', step: 'far', attempt: 1, execution: 1, at: 1000 },
    );
    const second = new TestRun(graph, undefined, fold(graph, first.journal));
    recover(second.state);
    second.go();
    expect(second.works).toEqual([{ kind: 'start', step: 'get', attempt: 2, execution: 1 }]);
    expect(second.step('script').error?.code).toBe('OUTCOME_UNKNOWN');
    expect(second.statuses).toMatchObject({ far: 'running', nap: 'waiting' });
    expect(second.step('get').retries).toBe(0);
  });
});
