import fc from 'fast-check';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import { recover } from './decide.ts';
import type { NewRunEvent } from './events.ts';
import { afterFailure } from './retry.ts';
import { isFinal, type RunState } from './state.ts';
import { graphOf, TestRun } from './test-run.ts';

/** Random workflows and the fate of each of their steps, for the property tests of this room. */
export interface RandomRun {
  readonly steps: readonly (Partial<Step> & { id: string })[];
  readonly rest: Omit<Definition, 'name' | 'steps'>;
  readonly fates: Readonly<Record<string, Fate>>;
}

/** What becomes of a step whenever it runs, so that the order of ends is the only thing left to chance. */
export interface Fate {
  /** Attempts that fail before it completes; more than it has attempts means that it fails. */
  readonly failures: number;
  readonly branch: 'true' | 'false';
  readonly waits: boolean;
  readonly runWhen: boolean | 'throws';
  readonly skipWhen: boolean | 'throws';
}

interface Shape {
  readonly deps: readonly number[];
  readonly branches: readonly number[];
  readonly join: 'all' | 'any' | 'quorum';
  readonly min: number;
  readonly allowFailed: boolean;
  readonly cancelRest: boolean;
  readonly context: boolean;
  readonly onError: 'fail' | 'continue' | 'fallback';
  readonly attempts: number;
  readonly disabled: boolean;
  readonly priority: number;
  readonly undo: boolean;
  readonly asks: boolean;
  readonly conditions: number;
  readonly fate: Fate;
}

const rarely = fc.integer({ min: 0, max: 9 }).map((one) => one === 0);
const condition = fc.constantFrom<boolean | 'throws'>(true, true, true, true, false, 'throws');

const fate: fc.Arbitrary<Fate> = fc.record({
  failures: fc.constantFrom(0, 0, 0, 1, 3),
  branch: fc.constantFrom('true', 'false'),
  waits: rarely,
  runWhen: condition,
  skipWhen: condition.map((value) => (value === 'throws' ? value : !value)),
});

function shapes(joins: readonly ('all' | 'any' | 'quorum')[]): fc.Arbitrary<Shape[]> {
  const shape: fc.Arbitrary<Shape> = fc.record({
    deps: fc.array(fc.nat(9), { maxLength: 4 }),
    branches: fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }),
    join: fc.constantFrom(...joins),
    min: fc.nat(3),
    allowFailed: rarely,
    cancelRest: fc.boolean(),
    context: rarely,
    onError: fc.constantFrom('fail', 'fail', 'fail', 'continue', 'fallback'),
    attempts: fc.constantFrom(1, 1, 2),
    disabled: rarely,
    priority: fc.integer({ min: -1, max: 1 }),
    undo: rarely,
    asks: rarely,
    conditions: fc.nat(11),
    fate,
  });
  return fc.array(shape, { minLength: 1, maxLength: 12, size: 'max' });
}

/** `joins` limits the kinds of join; without any and quorum the end of a run is independent of the order of its events. */
export function randomRun(joins: readonly ('all' | 'any' | 'quorum')[] = ['all', 'all', 'any', 'quorum']): fc.Arbitrary<RandomRun> {
  return fc
    .record({ drawn: shapes(joins), onError: fc.constantFrom('fail', 'fail', 'pause'), policy: rarely })
    .map(({ drawn, onError, policy }) => {
      const steps = drawn.flatMap((shape, index) => stepsOf(shape, index));
      const fates = Object.fromEntries(
        drawn.flatMap((shape, index) => [
          [`s${index}`, shape.fate],
          [`f${index}`, shape.fate],
        ]),
      );
      const rest = { on_error: onError, ...(policy ? { success_policy: { cases: [{ required: ['s0'] }] } } : {}) } as const;
      return { steps, rest, fates };
    });
}

function stepsOf(shape: Shape, index: number): (Partial<Step> & { id: string })[] {
  const sources = index === 0 ? [] : [...new Set(shape.deps.map((dep) => dep % index))];
  const depends = sources.map((source, at) => {
    const branch = [null, null, null, 'true', 'false', 'error'][shape.branches[at] ?? 0];
    return branch == null ? `s${source}` : { step: `s${source}`, branch };
  });
  const id = `s${index}`;
  const step: Partial<Step> & { id: string } = {
    id,
    type: shape.asks ? 'once' : 'check',
    depends_on: depends,
    enabled: !shape.disabled,
    priority: shape.priority,
    on_error: shape.onError,
    ...(shape.onError === 'fallback' ? { fallback_step: `f${index}` } : {}),
    ...(sources.length > 0 ? { join: shape.join, allow_failed_deps: shape.allowFailed } : {}),
    ...(sources.length > 0 && shape.join === 'quorum' ? { min_success: 1 + (shape.min % sources.length) } : {}),
    ...(sources.length > 0 && shape.join !== 'all' && shape.cancelRest ? { cancel_rest: true } : {}),
    ...(shape.context && sources.length > 0 ? { context_from: [`s${sources[0]}`] } : {}),
    ...(shape.attempts > 1 ? { retry: { max_attempts: shape.attempts, delay: 1 } } : {}),
    ...(shape.undo ? { undo: { type: 'work' } } : {}),
    ...(shape.conditions % 3 === 0 ? { run_when: `run ${id}` } : {}),
    ...(shape.conditions % 4 === 0 ? { skip_when: `skip ${id}` } : {}),
  };
  return shape.onError === 'fallback' ? [step, { id: `f${index}` }] : [step];
}

export function startRandomRun(random: RandomRun): TestRun {
  return new TestRun(graphOf(random.steps, random.rest), conditionsOf(random));
}

export function conditionsOf(random: RandomRun): (expression: string) => boolean {
  return (expression) => {
    const [kind, id] = expression.split(' ');
    const answer = kind === 'run' ? random.fates[id ?? '']?.runWhen : random.fates[id ?? '']?.skipWhen;
    if (answer === 'throws') throw new Error('thrown by the condition');
    return answer ?? true;
  };
}

/** Ends one thing of those that are under way, picked by `pick`; false when nothing is. */
export function moveOn(run: TestRun, random: RandomRun, pick: number): boolean {
  const { graph, state } = run;
  run.now += 1 + (pick % 7);
  const running = graph.steps.filter((step) => state.steps[step.index]?.status === 'running');
  const undo = run.works.at(-1);
  if (state.status === 'rolling_back' && undo?.kind === 'undo') {
    run.on({ type: 'step_undone', step: undo.step, attempt: 1, at: run.now });
    return true;
  }
  const step = running[pick % Math.max(1, running.length)];
  if (step !== undefined) {
    run.on(endOf(state, random, step.index, run.now));
    return true;
  }
  if (run.wakeAt !== null) {
    run.now = Math.max(run.now, run.wakeAt);
    run.go();
    return true;
  }
  if (state.status === 'paused') {
    run.on({ type: 'run_resumed', at: run.now });
    return true;
  }
  return false;
}

function endOf(state: RunState, random: RandomRun, index: number, now: number): NewRunEvent {
  const step = state.graph.steps[index];
  const at = state.steps[index];
  const doom = random.fates[step?.id ?? ''];
  if (step === undefined || at === undefined || doom === undefined) throw new Error(`No step ${index}`);
  if (at.stopping) return { type: 'step_cancelled', step: step.id, at: now };
  const base = { step: step.id, attempt: at.attempt, at: now, started_at: at.startedAt ?? now };
  if (at.retries < doom.failures) {
    const error = { code: 'FAILED', message: `${step.id} failed` };
    return afterFailure(
      step,
      at,
      { step: step.id, attempt: at.attempt, startedAt: base.started_at, endedAt: now, error, retryable: true },
      0,
    );
  }
  if (doom.waits && at.waiting === null && at.progress === null) {
    return { type: 'step_waiting', step: step.id, attempt: at.attempt, kind: 'timer', wake_at: now + 50, data: 'slept', at: now };
  }
  return { ...base, type: 'step_completed', output: step.id, branch: doom.branch };
}

/** Goes on until nothing can be done, at most `limit` moves. */
export function playOut(run: TestRun, random: RandomRun, picks: readonly number[], limit = 500): TestRun {
  run.go();
  for (let move = 0; move < limit && !isFinal(run.state.status); move++) {
    if (!moveOn(run, random, picks[move % Math.max(1, picks.length)] ?? 0)) break;
  }
  return run;
}

/** What a take-over makes of a state folded from a journal. */
export function takeOver(run: TestRun): TestRun {
  recover(run.state);
  return run.go();
}
