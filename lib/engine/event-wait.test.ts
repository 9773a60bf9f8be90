import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { fold } from './apply.ts';
import { nextWakeAt } from './decide.ts';
import { receive } from './receive.ts';
import { graphOf, TestRun } from './test-run.ts';
import { lookAgain } from './wait-questions.ts';

/** A run whose steps `w…` wait for events: says when each begins, and answers `match` like `event.n = 2` itself. */
class WaitingRun extends TestRun {
  await(step: string, type: string, options: { match?: string; within?: number } = {}): this {
    const wake_at = options.within === undefined ? null : this.now + options.within;
    const data = { event_type: type, match: options.match ?? null };
    return this.on({ type: 'step_waiting', step, attempt: 1, kind: 'event', wake_at, data, at: this.now });
  }

  send(type: string, payload: Json): this {
    return this.on(
      ...receive(this.state, { place: 1, kind: 'event', step: null, token: null, payload: { event_type: type, payload } }, this.now),
    );
  }

  /** Answers the oldest question that no answer came to yet. */
  examine(value: boolean | 'error'): this {
    const asked = this.works.filter((work) => work.kind === 'examine')[this.#answered++];
    if (asked === undefined) throw new Error('Nothing was asked');
    const answer = value === 'error' ? { error: { code: 'E', message: 'odd' } } : { value };
    return this.on({ type: 'wait_examined', step: asked.step, event: asked.event?.nr ?? null, at: this.now, ...answer });
  }

  get asked(): string[] {
    return this.works.flatMap((work) => (work.kind === 'examine' ? [`${work.step} ${JSON.stringify(work.event?.payload)}`] : []));
  }

  payloadOf(step: string): Json {
    return (this.step(step).output as { payload?: Json } | null)?.payload ?? null;
  }

  #answered = 0;
}

const waits = (count: number): { id: string }[] => Array.from({ length: count }, (_, index) => ({ id: `w${index + 1}` }));
const runOf = (count: number): WaitingRun => new WaitingRun(graphOf(waits(count))).go();

describe('waits for events', () => {
  test('checklist #140: events that nobody awaits yet are kept, first in first out per type', () => {
    const run = runOf(3).send('a', 1).send('b', 2).send('a', 3);
    run.await('w1', 'a').await('w2', 'b').await('w3', 'a');
    expect([run.payloadOf('w1'), run.payloadOf('w2'), run.payloadOf('w3')]).toEqual([1, 2, 3]);
    expect(run.state.events.size).toBe(0);
    expect(run.step('w1').branch).toBe('received');
    expect(run.state.status).toBe('completed');
  });

  test('the first wait of a type gets the first event', () => {
    const run = runOf(2).await('w1', 'a').await('w2', 'a').send('a', 1);
    expect(run.statuses).toEqual({ w1: 'completed', w2: 'waiting' });
    expect(run.send('a', 2).payloadOf('w2')).toBe(2);
  });

  test('checklist #141: an event of another type does not wake the wait', () => {
    const run = runOf(1).await('w1', 'a').send('b', 1);
    expect(run.statuses).toEqual({ w1: 'waiting' });
    expect(run.state.status).toBe('waiting');
    expect(run.state.agenda.size).toBe(0);
  });

  test('checklist #143: an event after the time is over stays for the next wait', () => {
    const run = runOf(2).await('w1', 'a', { within: 100 });
    run.now += 100;
    run.go();
    expect(run.step('w1').error).toMatchObject({ code: 'WAIT_TIMEOUT' });
    run.send('a', 'late');
    expect(run.payloadOf('w1')).toBeNull();
    expect(run.await('w2', 'a').payloadOf('w2')).toBe('late');
  });

  test('checklist #87: without a timeout edge the step fails, with one the run goes on there', () => {
    const graph = graphOf([
      { id: 'w1' },
      { id: 'late', depends_on: [{ step: 'w1', branch: 'timeout' }] },
      { id: 'early', depends_on: [{ step: 'w1', branch: 'received' }] },
    ]);
    const run = new WaitingRun(graph).go().await('w1', 'a', { within: 100 });
    expect(run.wakeAt).toBe(run.now + 100);
    run.now += 100;
    run.go();
    expect(run.statuses).toEqual({ w1: 'completed', late: 'running', early: 'skipped: not_taken' });
  });

  test('checklist #142: what comes while the run is paused is used after it goes on', () => {
    const run = runOf(1).await('w1', 'a');
    run.on({ type: 'run_paused', reason: 'request', at: run.now }).send('a', 1);
    expect(run.statuses).toEqual({ w1: 'waiting' });
    run.on({ type: 'run_resumed', at: run.now + 50 });
    expect(run.payloadOf('w1')).toBe(1);
  });

  test('a match expression looks at event after event; what does not fit stays for others', () => {
    const run = runOf(2).send('a', 1).send('a', 2).await('w1', 'a', { match: 'event = 2' });
    expect(run.asked).toEqual(['w1 1']);
    run.await('w2', 'a');
    // Behind a wait that has not looked yet, nothing is taken.
    expect(run.statuses).toEqual({ w1: 'waiting', w2: 'waiting' });
    run.examine(false);
    expect(run.payloadOf('w2')).toBe(1);
    expect(run.asked).toEqual(['w1 1', 'w1 2']);
    expect(run.examine(true).payloadOf('w1')).toBe(2);
  });

  test('a run whose wait has looked at what does not fit waits, for whoever reads its journal too', () => {
    const run = runOf(1).await('w1', 'a', { match: 'event.n = 2' }).send('a', { n: 1 });
    run.examine(false);
    expect([run.state.status, fold(run.graph, run.journal).status]).toEqual(['waiting', 'waiting']);
    run.send('a', { n: 2 }).examine(true);
    expect([run.state.status, fold(run.graph, run.journal).status]).toEqual(['completed', 'completed']);
  });

  test('an event on which the expression fails does not fit, and fails nothing', () => {
    const run = runOf(1).await('w1', 'a', { match: '$number(event) = 2' }).send('a', 'x').examine('error');
    expect(run.statuses).toEqual({ w1: 'waiting' });
    expect(run.state.status).toBe('waiting');
    expect(run.send('a', 2).examine(true).payloadOf('w1')).toBe(2);
  });

  test('a time that runs out while an event is looked at counts when that has an answer', () => {
    const run = runOf(1).await('w1', 'a', { match: 'x', within: 100 }).send('a', 1);
    run.now += 200;
    expect(run.go().statuses).toEqual({ w1: 'waiting' });
    expect(run.examine(false).step('w1').error).toMatchObject({ code: 'WAIT_TIMEOUT' });
  });

  test('the buffer is emptied by a restart and survives a resume from a step', () => {
    const run = runOf(1).send('a', 1).await('w1', 'b', { within: 10 });
    run.now += 10;
    run.go();
    run.on({ type: 'run_reopened', kind: 'resume', from_step: 'w1', reset: ['w1'], at: run.now });
    expect(run.state.events.get('a')).toHaveLength(1);
    run.on({ type: 'run_reopened', kind: 'restart', from_step: null, reset: ['w1'], at: run.now });
    expect(run.state.events.size).toBe(0);
  });

  test('whatever the order of events and waits: each event goes to one wait, in order, and the fold of the journal agrees', () => {
    const move = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), type: fc.constantFrom('a', 'b') }),
      fc.record({ kind: fc.constant('wait' as const), type: fc.constantFrom('a', 'b') }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const run = runOf(moves.filter((one) => one.kind === 'wait').length + 1);
        let sent = 0;
        let waited = 0;
        const expected: Record<string, { events: number[]; waits: string[] }> = {
          a: { events: [], waits: [] },
          b: { events: [], waits: [] },
        };
        for (const { kind, type } of moves) {
          if (kind === 'send') {
            expected[type]?.events.push(++sent);
            run.send(type, sent);
          } else {
            const step = `w${++waited}`;
            expected[type]?.waits.push(step);
            run.await(step, type);
          }
        }
        for (const { events, waits } of Object.values(expected)) {
          waits.forEach((step, index) => {
            expect(run.payloadOf(step)).toBe(events[index] ?? null);
          });
        }
        const again = fold(run.graph, run.journal);
        expect([...again.events]).toEqual([...run.state.events]);
        expect(again.steps.map((step) => step.status)).toEqual(run.state.steps.map((step) => step.status));
      }),
    );
  });
});

describe('waits for a condition', () => {
  const begin = (until: number | null = null): WaitingRun => {
    const run = runOf(1);
    const data = { condition: 'x', every: 1000, until: until === null ? null : run.now + until };
    return run.on({ type: 'step_waiting', step: 'w1', attempt: 1, kind: 'condition', wake_at: run.now, data, at: run.now });
  };
  const no = (run: WaitingRun): WaitingRun => {
    lookAgain(run.state, 'w1', run.now);
    return run.go();
  };
  const looks = (run: WaitingRun): number => run.works.filter((work) => work.kind === 'examine').length;

  test('are asked at once and then on their grid, without a row for each look', () => {
    const run = begin();
    expect(looks(run)).toBe(1);
    const rows = run.journal.length;
    for (let look = 2; look <= 50; look++) {
      run.now += 250; // The answer takes its time.
      no(run);
      expect([run.state.status, run.wakeAt]).toEqual(['waiting', 1000 + (look - 1) * 1000]);
      run.now = run.wakeAt ?? 0;
      run.go();
      expect(looks(run)).toBe(look);
    }
    expect(run.journal.length).toBe(rows);
    run.examine(true);
    expect(run.step('w1')).toMatchObject({ status: 'completed', branch: 'met' });
  });

  test('take a last look when the time is over, then give up', () => {
    const run = no(begin(1500));
    run.now += 1000;
    no(run.go());
    expect(run.wakeAt).toBe(2500);
    run.now = 2500;
    run.go();
    expect(run.step('w1').error).toMatchObject({ code: 'WAIT_TIMEOUT' });
  });

  test('checklist #121: the time spent paused is added to their limit, while asked too', () => {
    for (const run of [begin(1500), no(begin(1500))]) {
      run.on({ type: 'run_pausing', reason: 'request', at: run.now });
      if (run.state.inFlight > 0) lookAgain(run.state, 'w1', run.now);
      run.go();
      expect(run.state.status).toBe('paused');
      run.now += 60_000;
      run.on({ type: 'run_resumed', at: run.now }).go();
      for (const _ of [1, 2, 3]) no(run);
      expect([run.step('w1').status, run.wakeAt]).toEqual(['waiting', 62_000]);
      run.now = 62_500;
      no(run.go());
      expect(run.step('w1').error).toMatchObject({ code: 'WAIT_TIMEOUT' });
    }
  });

  test('whoever takes over asks at once, also when the time is over', () => {
    const run = no(begin(1500));
    const taken = new WaitingRun(run.graph, undefined, fold(run.graph, run.journal));
    taken.now = 60_000;
    expect(looks(taken.go())).toBe(1);
    no(taken);
    expect(taken.step('w1').error).toMatchObject({ code: 'WAIT_TIMEOUT' });
  });

  test('an expression that fails fails the step', () => {
    expect(begin().examine('error').step('w1')).toMatchObject({ status: 'failed', error: { code: 'E' } });
  });

  test('checklist #121: a pause does not count', () => {
    const run = no(begin());
    run.on({ type: 'run_paused', reason: 'request', at: run.now });
    run.on({ type: 'run_resumed', at: run.now + 5000 });
    expect(nextWakeAt(run.state)).toBe(2000 + 5000);
  });
});

describe('decisions', () => {
  const decide = (run: WaitingRun, decision: string, token = '1.1'): WaitingRun =>
    run.on(
      ...receive(
        run.state,
        { place: 1, kind: 'decision', step: 'w1', token, payload: { decision, decided_by: { name: 'Ada' }, comment: 'no money' } },
        run.now,
      ),
    );
  const asked = (edges: string[] = []): WaitingRun => {
    const run = new WaitingRun(
      graphOf([{ id: 'w1' }, ...edges.map((branch) => ({ id: branch, depends_on: [{ step: 'w1', branch }] }))]),
    ).go();
    return run.on({ type: 'step_waiting', step: 'w1', attempt: 1, kind: 'approval', wake_at: run.now + 1000, data: {}, at: run.now });
  };

  test('approved goes on, rejected fails or takes its branch', () => {
    expect(decide(asked(['approved']), 'approved').statuses).toEqual({ w1: 'completed', approved: 'running' });
    expect(decide(asked(['approved']), 'rejected').step('w1').error).toMatchObject({
      code: 'APPROVAL_REJECTED',
      message: 'Rejected by Ada: no money',
    });
    expect(decide(asked(['approved', 'rejected']), 'rejected').statuses).toEqual({
      w1: 'completed',
      approved: 'skipped: not_taken',
      rejected: 'running',
    });
  });

  test('one that comes too late, or answers another wait, changes nothing', () => {
    const run = asked();
    const before = run.journal.length;
    decide(run, 'approved', '1.2');
    expect(run.journal.length).toBe(before);
    run.now += 1000;
    expect(run.go().step('w1').error).toMatchObject({ code: 'WAIT_TIMEOUT' });
    decide(run, 'approved');
    expect(run.step('w1').status).toBe('failed');
  });
});
