import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import type { Step } from '#lib/workflow/definition.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { apply, fold } from './apply.ts';
import { attemptsOf } from './attempts.ts';
import { pauseRun } from './control.ts';
import { advance, decide, recover } from './decide.ts';
import type { NewRunEvent } from './events.ts';
import { openWaits } from './open-waits.ts';
import { receive } from './receive.ts';
import type { RemoteReport } from './remote.ts';
import { offered } from './remote-offer.ts';
import { initialState, type RunState, scopesOf } from './state.ts';
import { graphOf } from './test-run.ts';

/** A run whose step `far` is offered to another worker by the token `one`. */
function away(step: Partial<Step> = {}) {
  const graph = graphOf([{ id: 'far', queue: 'gpu', ...step }]);
  const state = initialState(graph);
  const events = [...advance(state, 0).events];
  const keep = (event: NewRunEvent): void => {
    apply(state, event);
    events.push(event);
  };
  keep(offered(graph.byId.get('far') as GraphStep, 'far', 1, 'one', 10));
  const report = (payload: RemoteReport, token = 'one', now = 50): NewRunEvent[] => {
    const made = receive(state, { place: 1, kind: 'remote', step: 'far', token, payload: payload as unknown as Json }, now);
    for (const event of made) keep(event);
    return made;
  };
  return { graph, state, events, report };
}

const at = (state: RunState) => state.steps[0];

describe('a step that runs elsewhere', () => {
  test('is queued, runs, and ends as a step of its own run would; the run waits and holds the offer meanwhile', () => {
    const { state, report } = away({ priority: 7 });
    expect(at(state)).toMatchObject({ status: 'queued', attempt: 0, remote: 'one' });
    expect(state.status).toBe('waiting');
    const offer = { step: 'far', kind: 'remote', token: 'one', attempt: 1, queue: 'gpu', priority: 7 };
    expect(openWaits(state)).toMatchObject([offer]);
    report({ kind: 'started', at: 20, input: { a: 1 } });
    expect(at(state)).toMatchObject({ status: 'running', attempt: 1, startedAt: 20, input: { a: 1 } });
    expect(state).toMatchObject({ status: 'waiting', inFlight: 1, away: 1 });
    expect(openWaits(state)).toMatchObject([offer]);
    report({ kind: 'log', at: 21, lines: ['hello'] });
    report({ kind: 'progress', at: 22, progress: 0.5 });
    expect(state.logs.get('far')).toEqual(['hello']);
    expect(at(state)?.progress).toBe(0.5);
    report({ kind: 'ended', at: 30, outcome: { kind: 'completed', output: 'done' } });
    expect(at(state)).toMatchObject({ status: 'completed', output: 'done', endedAt: 30 });
    expect(state).toMatchObject({ inFlight: 0, away: 0, waiting: 0 });
    expect(openWaits(state)).toEqual([]);
  });

  test('says nothing for another offer, before its start or after its end', () => {
    const { report } = away();
    const end = { kind: 'ended', at: 30, outcome: { kind: 'completed', output: null } } as const;
    expect(report({ kind: 'started', at: 20 }, 'other')).toEqual([]);
    expect(report(end)).toEqual([]);
    expect(report({ kind: 'started', at: 20 })).toHaveLength(1);
    expect(report({ kind: 'started', at: 21 })).toEqual([]);
    expect(report(end, 'other')).toEqual([]);
    expect(report(end)).toHaveLength(1);
    expect(report(end)).toEqual([]);
    expect(report({ kind: 'lost' })).toEqual([]);
  });

  test('checklist #79: whose worker died is offered anew, with the same execution and no attempt used up', () => {
    const { state, events, report } = away({ retry: { max_attempts: 2, delay: '1s' } });
    report({ kind: 'started', at: 20 });
    expect(report({ kind: 'lost' })).toMatchObject([{ type: 'step_waiting', kind: 'remote', attempt: 2, data: { token: 'one+' } }]);
    expect(at(state)).toMatchObject({ status: 'waiting', remote: 'one+', retries: 0, execution: 1 });
    expect(report({ kind: 'ended', at: 30, outcome: { kind: 'completed', output: 1 } })).toEqual([]);
    report({ kind: 'started', at: 40 }, 'one+');
    report({ kind: 'ended', at: 45, outcome: { kind: 'failed', error: { code: 'X', message: 'x' }, retryable: true } }, 'one+');
    expect(at(state)).toMatchObject({ status: 'waiting', waiting: { kind: 'retry' }, retries: 1, remote: null });
    expect(attemptsOf(events).get('far')).toMatchObject([
      { attempt: 1, success: false, error: { code: 'WORKER_CRASHED' } },
      { attempt: 2, success: false, error: { code: 'X' } },
    ]);
  });

  test('whose workers die again and again is given up, and says so', () => {
    const { state, report } = away();
    for (let losses = 0; losses < 10; losses++) {
      expect(at(state)?.status).not.toBe('failed');
      report({ kind: 'started', at: 20 + losses }, `one${'+'.repeat(losses)}`);
      report({ kind: 'lost' }, `one${'+'.repeat(losses)}`);
    }
    expect(at(state)).toMatchObject({ status: 'failed', error: { code: 'STEP_POISONED', step: 'far' } });
  });

  test('checklist #79: whose worker died fails where it must not be repeated', () => {
    const { state, report } = away({ on_crash: 'ask' });
    report({ kind: 'started', at: 20 });
    report({ kind: 'lost' });
    expect(at(state)).toMatchObject({ status: 'failed', error: { code: 'OUTCOME_UNKNOWN', step: 'far' } });
  });

  test("goes on through the death of its run's owner, and is not in the way of a pause", () => {
    const { graph, state, events, report } = away();
    report({ kind: 'started', at: 20 });
    const next = fold(graph, events);
    recover(next);
    expect(decide(next, 60)).toEqual([]);
    expect(next.steps[0]).toMatchObject({ status: 'running', lost: false });
    const pausing = pauseRun(state, 60);
    expect(pausing?.type).toBe('run_pausing');
    if (pausing !== null) apply(state, pausing);
    expect(advance(state, 61).events).toEqual([]);
    report({ kind: 'ended', at: 70, outcome: { kind: 'completed', output: null } });
    expect(advance(state, 71).events).toMatchObject([{ type: 'run_paused' }]);
  });

  test('that is too late for its queue fails', () => {
    const { state } = away({ good_until: new Date(1000).toISOString() });
    expect(decide(state, 1000)).toEqual([]);
    expect(advance(state, 1001).events).toMatchObject([
      { type: 'step_failed', error: { code: 'TASK_EXPIRED' } },
      { type: 'run_completed' },
    ]);
  });

  test('whatever is reported in whatever order: the counters fit the steps, and a fold of the journal is the live state', () => {
    const outcome = fc.constantFrom<Extract<RemoteReport, { kind: 'ended' }>['outcome'][]>(
      { kind: 'completed', output: 1 },
      { kind: 'failed', error: { code: 'X', message: 'x' }, retryable: true },
      { kind: 'wait', on: 'timer', until: 500, data: null },
      { kind: 'wait', on: 'event', until: null, data: { event_type: 'e' } },
    );
    const one = fc.oneof<fc.Arbitrary<RemoteReport>[]>(
      fc.constant({ kind: 'started', at: 20 }),
      fc.constant({ kind: 'log', at: 21, lines: ['x'] }),
      fc.constant({ kind: 'lost' }),
      outcome.map((ended) => ({ kind: 'ended', at: 30, outcome: ended })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(one, fc.constantFrom('one', 'one+', 'one++')), { maxLength: 12 }), (reports) => {
        const { graph, state, events, report } = away({ retry: { max_attempts: 3 } });
        for (const [payload, token] of reports) report(payload, token);
        const steps = [...scopesOf(state)].flatMap((scope) => scope.steps);
        const running = steps.filter((step) => step.status === 'running');
        expect(state.inFlight).toBe(running.length);
        expect(state.away).toBe(running.filter((step) => step.remote !== null).length);
        expect(state.waiting).toBe(steps.filter((step) => step.status === 'waiting' || step.status === 'queued').length);
        const folded = fold(graph, events);
        expect(folded.steps[0]).toEqual(at(state));
        expect([folded.inFlight, folded.away, folded.waiting]).toEqual([state.inFlight, state.away, state.waiting]);
      }),
    );
  });
});
