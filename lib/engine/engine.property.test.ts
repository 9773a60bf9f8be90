import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apply, fold } from './apply.ts';
import { cancelRun, pauseRun } from './control.ts';
import { decide } from './decide.ts';
import type { RunEvent } from './events.ts';
import { explainStep } from './explain.ts';
import { expandRow, rowsOf } from './journal-row.ts';
import type { LoopState } from './loop-state.ts';
import { isSettled } from './readiness.ts';
import { planReopen } from './resume.ts';
import { resetSteps } from './spread.ts';
import { initialState, isFinal, type RunState, type Scope, scopesOf } from './state.ts';
import { conditionsOf, moveOn, playOut, randomRun, startRandomRun, takeOver } from './test-random-run.ts';
import { TestRun } from './test-run.ts';
import { snapshot } from './test-snapshot.ts';

const picks = fc.array(fc.nat(50), { minLength: 1, maxLength: 30 });
const RUNS = { numRuns: 200 };

/** What readers see: without the marks and caches of the process that drives the run. */
function visible(state: RunState): unknown {
  const { status, error, output, pause, cancel, settled, startedAt, endedAt, deadline } = state;
  const steps = visibleSteps(state);
  return { status: status === 'waiting' ? 'running' : status, error, output, pause, cancel, settled, startedAt, endedAt, deadline, steps };
}

function visibleSteps(scope: Scope): unknown {
  return scope.steps.map(({ taken: _, lost: __, stopping: ___, order: ____, loop, ...step }) => ({
    ...step,
    loop: loop && visibleLoop(loop),
  }));
}

function visibleLoop({ open, stopped, closing, questions, iterations }: LoopState): unknown {
  const shown = iterations.map((one) => ({
    number: one.number,
    item: one.item,
    status: one.status,
    output: one.output,
    steps: visibleSteps(one),
  }));
  return { open, stopped, closing, questions: [...questions.keys()], iterations: shown };
}

/** True where no step of the run or of an iteration is left open. */
function allSettled(state: RunState): boolean {
  return [...scopesOf(state)].every((scope) => scope.steps.every((step) => isSettled(step.status)));
}

function numbered(run: TestRun): RunEvent[] {
  return run.journal.map((event, index) => ({ ...event, seq: index + 1 }));
}

describe('any workflow, any order of ends', () => {
  test('the run ends, every step has settled, and no attempt was started twice', () => {
    fc.assert(
      fc.property(randomRun(), picks, (random, order) => {
        const run = playOut(startRandomRun(random), random, order);
        expect(isFinal(run.state.status)).toBe(true);
        expect(allSettled(run.state)).toBe(true);
        const starts = run.works.filter((work) => work.kind === 'start').map((work) => `${work.step}#${work.attempt}`);
        expect(new Set(starts).size).toBe(starts.length);
        for (const step of run.graph.steps) expect(explainStep(run.state, step.index).sentence).not.toBe('');
      }),
      RUNS,
    );
  });

  test('with join all alone the end does not depend on the order', () => {
    fc.assert(
      fc.property(randomRun(['all'], ['all_settled']), picks, picks, (random, one, other) => {
        const plain = { ...random, rest: { ...random.rest, on_error: 'fail' as const } };
        const [left, right] = [one, other].map((order) => playOut(startRandomRun(plain), plain, order));
        expect(left?.statuses).toEqual(right?.statuses);
        expect([left?.state.status, left?.state.error?.step, left?.state.output]).toEqual([
          right?.state.status,
          right?.state.error?.step,
          right?.state.output,
        ]);
      }),
      RUNS,
    );
  });

  test('decide answers the same until an event comes, and changes nothing', () => {
    fc.assert(
      fc.property(randomRun(), picks, (random, order) => {
        const run = startRandomRun(random).go();
        for (const pick of order) {
          const before = visible(snapshot(run.state));
          const answer = decide(run.state, run.now + 5);
          expect(decide(run.state, run.now + 5)).toEqual(answer);
          expect(visible(run.state)).toEqual(before);
          if (!moveOn(run, random, pick)) break;
        }
      }),
      RUNS,
    );
  });

  test('the counters kept with each event are those of a full count', () => {
    fc.assert(
      fc.property(randomRun(), picks, (random, order) => {
        const run = startRandomRun(random).go();
        for (const pick of order) {
          if (!moveOn(run, random, pick) || isFinal(run.state.status)) break;
          const counted = snapshot(run.state);
          resetSteps(counted, []);
          const numbers = (state: RunState) => [
            ...[state.inFlight, state.waiting, state.total, [...state.looping].sort()],
            [...scopesOf(state)].map((scope) => [
              ...[scope.prefix, scope.settled],
              // A loop that is closing has said all, but a full count can't know.
              [...scope.agenda].filter((index) => scope.steps[index]?.loop?.closing == null).sort(),
              scope.steps.map((step) => [step.open, step.satisfied, step.dead, step.missed, step.contextOpen, step.fallbackNeeded]),
            ]),
          ];
          expect(numbers(counted)).toEqual(numbers(run.state));
        }
      }),
      RUNS,
    );
  });
});

describe('any journal', () => {
  test('its fold is the live state; a prefix, then the rest, too; rows give back its events', () => {
    fc.assert(
      fc.property(randomRun(), picks, fc.nat(100), (random, order, cut) => {
        const run = playOut(startRandomRun(random), random, order);
        const events = numbered(run);
        expect(visible(fold(run.graph, events))).toEqual(visible(run.state));
        const half = fold(run.graph, events.slice(0, cut));
        const kept = snapshot(half);
        const frozen = JSON.stringify(visible(kept));
        for (const event of events.slice(cut)) apply(half, event);
        expect(visible(half)).toEqual(visible(run.state));
        expect(JSON.stringify(visible(kept))).toBe(frozen);
        expect(rowsOf(events).flatMap(expandRow)).toEqual(events);
      }),
      RUNS,
    );
  });

  test('a short step may come as its end alone', () => {
    fc.assert(
      fc.property(randomRun(), picks, (random, order) => {
        const run = playOut(startRandomRun(random), random, order);
        const ends = new Set(['step_completed', 'step_failed', 'step_retrying']);
        const endsAlone = run.journal.filter((event) => {
          if (event.type !== 'step_started') return true;
          const next = run.journal.find(
            (other) => 'attempt' in other && other !== event && other.step === event.step && other.attempt === event.attempt,
          );
          return next === undefined || !ends.has(next.type);
        });
        expect(visible(fold(run.graph, endsAlone))).toEqual(visible(run.state));
      }),
      RUNS,
    );
  });

  test('apply does not throw, whatever the order', () => {
    fc.assert(
      fc.property(randomRun(), picks, fc.array(fc.nat(200), { maxLength: 40 }), (random, order, mixed) => {
        const run = playOut(startRandomRun(random), random, order);
        const state = initialState(run.graph);
        for (const at of mixed) {
          const event = run.journal[at % run.journal.length];
          if (event !== undefined) apply(state, event);
          decide(state, run.now);
        }
      }),
      RUNS,
    );
  });
});

describe('whatever happens in between', () => {
  test('a take-over after any event goes on to the end, and what had ended does not run again', () => {
    fc.assert(
      fc.property(randomRun(), picks, fc.nat(60), (random, order, cut) => {
        const first = playOut(startRandomRun(random), random, order);
        const kept = first.journal.slice(0, cut);
        const state = fold(first.graph, kept);
        const ended = [...scopesOf(state)].flatMap((scope) =>
          scope.graph.steps.filter((step) => isSettled(scope.steps[step.index]?.status ?? 'pending')).map((step) => scope.prefix + step.id),
        );
        const second = new TestRun(first.graph, conditionsOf(random), state);
        second.now = first.now;
        playOut(takeOver(second), random, order);
        expect(isFinal(state.status)).toBe(true);
        expect(allSettled(state)).toBe(true);
        expect(second.starts.filter((id) => ended.includes(id))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('a pause stops new starts until the resume; a cancel settles every step and is final', () => {
    fc.assert(
      fc.property(randomRun(), picks, fc.nat(12), fc.boolean(), (random, order, when, cancels) => {
        const run = startRandomRun(random).go();
        for (let move = 0; move < when; move++) moveOn(run, random, order[move % order.length] ?? 0);
        const event = cancels ? cancelRun(run.state, run.now) : pauseRun(run.state, run.now);
        if (event === null) return;
        const before = run.starts.length;
        run.on(event);
        while ((run.state.status === 'pausing' || run.state.cancel !== null) && moveOn(run, random, 0));
        expect(run.starts.length).toBe(before);
        expect(run.state.status).toBe(cancels ? 'cancelled' : 'paused');
        playOut(run, random, order);
        expect(isFinal(run.state.status)).toBe(true);
        expect(allSettled(run.state)).toBe(true);
      }),
      RUNS,
    );
  });

  test('a finished run can be resumed from any step, or restarted, and ends again', () => {
    fc.assert(
      fc.property(randomRun(), picks, fc.nat(20), fc.boolean(), (random, order, at, restart) => {
        const run = playOut(startRandomRun(random), random, order);
        const from = run.graph.steps[at % run.graph.steps.length];
        const plan = planReopen(run.state, { kind: restart ? 'restart' : 'resume', fromStep: from?.id ?? null }, run.now);
        if (!plan.ok) {
          expect(run.state.status).toBe('completed');
          return;
        }
        const reset = new Set(plan.event.reset);
        const carried = run.graph.steps.filter((step) => !reset.has(step.id)).map((step) => step.id);
        const before = run.starts.length;
        playOut(run.on(plan.event), random, order);
        expect(isFinal(run.state.status)).toBe(true);
        expect(allSettled(run.state)).toBe(true);
        expect(run.starts.slice(before).filter((id) => carried.includes(id))).toEqual([]);
        expect(visible(fold(run.graph, numbered(run)))).toEqual(visible(run.state));
      }),
      RUNS,
    );
  });
});
