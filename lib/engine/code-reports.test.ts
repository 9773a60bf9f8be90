import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { apply, fold } from './apply.ts';
import { attemptsOf } from './attempts.ts';
import { callsOf } from './called-steps.ts';
import type { InnerReport, NewCall } from './code-reports.ts';
import { pauseRun, restartRun, resumeRun } from './control.ts';
import { advance, recover } from './decide.ts';
import type { NewRunEvent } from './events.ts';
import { openWaits } from './open-waits.ts';
import { receive } from './receive.ts';
import type { RemoteReport } from './remote.ts';
import { offered } from './remote-offer.ts';
import { placeOf, stepState } from './scope.ts';
import { initialState, scopesOf } from './state.ts';
import { graphOf } from './test-run.ts';

/** A run whose step `code` is executed elsewhere; time moves by hand. */
function running() {
  const graph = graphOf([{ id: 'code', queue: 'code' }], { output: 'code' });
  const state = initialState(graph);
  const events: NewRunEvent[] = [];
  let now = 1000;
  let offers = 0;
  const keep = (event: NewRunEvent): void => {
    apply(state, event);
    events.push(event);
  };
  /** Moves the run; a start of the code is an offer, which is taken at once. Answers whether there was one. */
  const move = (to = now): boolean => {
    now = Math.max(now, to);
    const moved = advance(state, now);
    events.push(...moved.events);
    const start = moved.work.find((one) => one.kind === 'start');
    if (start === undefined) return false;
    const step = placeOf(state, start.step)?.scope.graph.byId.get('code');
    if (step === undefined || start.step !== 'code') throw new Error(`${start.step} is begun by its code`);
    keep(offered(step, 'code', start.attempt, `offer ${++offers}`, now));
    return true;
  };
  const report = (payload: RemoteReport, token = `offer ${offers}`): NewRunEvent[] => {
    const message = { place: 1, kind: 'remote', step: 'code', token, payload: payload as unknown as Json } as const;
    return receive(state, message, now).map((event) => {
      keep(event);
      return event;
    });
  };
  const call = (step: string, more: Partial<NewCall> = {}): NewRunEvent[] =>
    report({ kind: 'called', at: now, call: { step, kind: 'do', name: step, count: 1, stepType: 'work', config: {}, seen: [], ...more } });
  const inner = (step: string, one: InnerReport): NewRunEvent[] => report({ kind: 'inner', at: now, step, report: one });
  const park = (known: number): NewRunEvent[] =>
    report({ kind: 'ended', at: now, outcome: { kind: 'wait', on: 'code', until: null, data: { known } } });
  const begin = (): NewRunEvent[] => report({ kind: 'started', at: now });
  move();
  return { graph, state, events, move, report, call, inner, park, begin, at: (id: string) => stepState(state, id), time: () => now };
}

const TIMER = (until: number) => ({ kind: 'sleep', wait: { on: 'timer', until, data: null } }) as const;

describe('steps that code asks for', () => {
  test('are steps of the run: they begin, end, and are journaled once; the graph of others does not grow', () => {
    const { graph, state, events, call, inner, begin, at, report } = running();
    begin();
    expect(call('a-1').map((event) => event.type)).toEqual(['step_called']);
    expect(at('a-1')).toMatchObject({ status: 'pending' });
    inner('a-1', { kind: 'started', attempt: 1 });
    expect(state).toMatchObject({ inFlight: 2, away: 2, status: 'waiting' });
    // Of a step that runs elsewhere it is the code alone that is offered.
    expect(openWaits(state).map((one) => one.step)).toEqual(['code']);
    inner('a-1', { kind: 'completed', attempt: 1, output: 7 });
    expect(at('a-1')).toMatchObject({ status: 'completed', output: 7 });
    report({ kind: 'ended', at: 2000, outcome: { kind: 'completed', output: 8 } });
    expect(graph.steps).toHaveLength(1);
    expect(state.graph.steps.map((step) => step.id)).toEqual(['code', 'a-1']);
    expect(fold(graph, events).steps).toEqual(state.steps);
  });

  test('what is reported twice, late, or by another offer says nothing', () => {
    const { call, inner, begin, report } = running();
    begin();
    call('a-1');
    expect(call('a-1')).toEqual([]);
    inner('a-1', { kind: 'started', attempt: 1 });
    expect(inner('a-1', { kind: 'started', attempt: 1 })).toEqual([]);
    const end = { kind: 'completed', attempt: 1, output: 1 } as const;
    expect(report({ kind: 'inner', at: 0, step: 'a-1', report: end }, 'offer 0')).toEqual([]);
    expect(inner('a-1', end)).toHaveLength(1);
    expect(inner('a-1', end)).toEqual([]);
    expect(inner('b-1', end)).toEqual([]);
  });

  test('checklist #84: a failed one is the failure of no run; what its code makes of it is', () => {
    const { state, call, inner, begin, report, move, at } = running();
    begin();
    call('a-1');
    inner('a-1', { kind: 'started', attempt: 1 });
    inner('a-1', { kind: 'failed', attempt: 1, error: { code: 'X', message: 'x' }, retryable: true });
    report({ kind: 'ended', at: 2000, outcome: { kind: 'completed', output: 'went on' } });
    move();
    expect(at('a-1')).toMatchObject({ status: 'failed', error: { code: 'X', step: 'a-1' } });
    expect(state).toMatchObject({ status: 'completed', output: 'went on', error: null });
  });

  test('checklist #80 #81: a retry is timed by the engine and taken up by the code, which is begun again where it is parked', () => {
    const { call, inner, begin, park, move, at, events, time } = running();
    begin();
    call('a-1', { retry: { max_attempts: 3, delay: '10s', backoff: 'exponential', max_delay: '365 days' } });
    inner('a-1', { kind: 'started', attempt: 1 });
    const failed = { kind: 'failed', error: { code: 'X', message: 'x' }, retryable: true } as const;
    expect(inner('a-1', { ...failed, attempt: 1 })).toMatchObject([{ type: 'step_retrying', retry_at: time() + 10_000 }]);
    park(0);
    expect(move(time() + 9999)).toBe(false);
    expect(move(time() + 1)).toBe(true);
    expect(at('a-1')).toMatchObject({ status: 'waiting', waiting: { kind: 'code' } });
    begin();
    inner('a-1', { kind: 'started', attempt: 2 });
    inner('a-1', { kind: 'completed', attempt: 2, output: 1 });
    expect(attemptsOf(events).get('a-1')).toMatchObject([
      { attempt: 1, success: false, error: { code: 'X' } },
      { attempt: 2, success: true },
    ]);
  });

  test('parked code is begun again for what it does not know, and for nothing else', () => {
    const { call, begin, park, move, time, at, state } = running();
    begin();
    call('long', TIMER(time() + 100));
    call('short', TIMER(time() + 10));
    park(0);
    expect(at('code')).toMatchObject({ status: 'waiting', waiting: { kind: 'code' } });
    expect(move()).toBe(false);
    expect(state.status).toBe('waiting');
    expect(move(time() + 10)).toBe(true);
    begin();
    park(1);
    expect(move()).toBe(false);
    expect(move(time() + 90)).toBe(true);
    begin();
    // It had not heard of the second one when it was parked.
    park(1);
    expect(move()).toBe(true);
  });

  test('checklist #79: when the worker of the code dies, what was under way is to be taken up again, with no attempt used up', () => {
    const { call, inner, begin, report, at, events, state } = running();
    begin();
    call('a-1');
    inner('a-1', { kind: 'started', attempt: 1 });
    expect(report({ kind: 'lost' }).map((event) => event.type)).toEqual(['step_waiting', 'step_waiting']);
    expect(at('a-1')).toMatchObject({ status: 'waiting', waiting: { kind: 'code' }, retries: 0 });
    expect(state).toMatchObject({ inFlight: 0, away: 0 });
    report({ kind: 'started', at: 1000 }, 'offer 1+');
    report({ kind: 'inner', at: 1000, step: 'a-1', report: { kind: 'started', attempt: 2 } }, 'offer 1+');
    expect(attemptsOf(events).get('a-1')).toMatchObject([{ error: { code: 'WORKER_CRASHED' } }, { attempt: 2, success: null }]);
  });

  test('a pause holds what is parked; the time spent paused is added to its sleeps', () => {
    const { call, begin, park, move, time, state, at } = running();
    begin();
    call('nap', TIMER(time() + 100));
    park(0);
    const pause = pauseRun(state, time());
    if (pause !== null) apply(state, pause);
    expect(state.status).toBe('paused');
    expect(move(time() + 1000)).toBe(false);
    const resume = resumeRun(state, time());
    if (resume !== null) apply(state, resume);
    expect(move(time() + 99)).toBe(false);
    expect(move(time() + 1)).toBe(true);
    expect(at('nap')?.status).toBe('completed');
  });

  test('a restart forgets them; an id that the workflow has already fails the code', () => {
    const { call, begin, state, at, time, report } = running();
    begin();
    call('a-1');
    report({ kind: 'ended', at: time(), outcome: { kind: 'failed', error: { code: 'X', message: 'x' }, retryable: false } });
    expect(at('a-1')).toMatchObject({ status: 'skipped', skipReason: 'cancelled' });
    advance(state, time());
    const restart = restartRun(state, time(), null);
    expect(restart).toMatchObject({ reset: ['code'] });
    if (restart !== null) apply(state, restart);
    expect(state.graph.steps.map((step) => step.id)).toEqual(['code']);
    expect(state).toMatchObject({ total: 1, settled: 0 });
    const other = running();
    other.begin();
    expect(other.call('code')).toMatchObject([{ type: 'step_failed', step: 'code', error: { code: 'STEP_NAME_TAKEN' } }]);
  });

  test('whatever is reported in whatever order: the counters fit the steps, and a fold of the journal is the live state', () => {
    const step = fc.constantFrom('a', 'b', 'c');
    const attempt = fc.integer({ min: 1, max: 3 });
    const move = fc.oneof(
      fc.record({ what: fc.constant('call' as const), step, kind: fc.constantFrom('do' as const, 'sleep' as const) }),
      fc.record({ what: fc.constant('start' as const), step, attempt }),
      fc.record({ what: fc.constant('complete' as const), step, attempt }),
      fc.record({ what: fc.constant('fail' as const), step, attempt, retryable: fc.boolean() }),
      fc.constant({ what: 'lost' as const }),
      fc.record({ what: fc.constant('park' as const), known: fc.nat(3) }),
      fc.record({ what: fc.constant('move' as const), by: fc.constantFrom(0, 5, 100) }),
      fc.constant({ what: 'begin' as const }),
      fc.record({ what: fc.constant('end' as const) }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const run = running();
        const { state, events, graph } = run;
        run.begin();
        for (const one of moves) {
          if (one.what === 'call')
            run.call(one.step, one.kind === 'sleep' ? TIMER(run.time() + 50) : { retry: { max_attempts: 3, delay: '10ms' } });
          else if (one.what === 'start') run.inner(one.step, { kind: 'started', attempt: one.attempt });
          else if (one.what === 'complete') run.inner(one.step, { kind: 'completed', attempt: one.attempt, output: 1 });
          else if (one.what === 'fail')
            run.inner(one.step, { kind: 'failed', attempt: one.attempt, error: { code: 'X', message: 'x' }, retryable: one.retryable });
          else if (one.what === 'lost') run.report({ kind: 'lost' });
          else if (one.what === 'park') run.park(one.known);
          else if (one.what === 'begin') run.begin();
          else if (one.what === 'end') run.report({ kind: 'ended', at: run.time(), outcome: { kind: 'completed', output: null } });
          else run.move(run.time() + one.by);
          const steps = [...scopesOf(state)].flatMap((scope) => scope.steps);
          expect(state.away).toBe(steps.filter((at) => at.status === 'running' && at.remote !== null).length);
          expect(state.inFlight).toBe(steps.filter((at) => at.status === 'running' || at.taken !== null).length);
          expect(state.waiting).toBe(steps.filter((at) => at.status === 'waiting' || at.status === 'queued').length);
          expect(state.total).toBe(steps.length);
        }
        const folded = fold(graph, events);
        recover(folded);
        const shown = (of: typeof state) => of.steps.map(({ taken: _taken, lost: _lost, ...rest }) => rest);
        expect(shown(folded)).toEqual(shown(state));
        expect([folded.inFlight, folded.away, folded.waiting, folded.total]).toEqual([
          state.inFlight,
          state.away,
          state.waiting,
          state.total,
        ]);
        for (const step of callsOf(state, 0)) {
          const ends = events.filter(
            (event) => (event.type === 'step_completed' || event.type === 'step_failed') && event.step === step.id,
          );
          expect(ends.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
