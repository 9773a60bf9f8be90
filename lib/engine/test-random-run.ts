import fc from 'fast-check';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import { idOfKey } from '#lib/workflow/step-key.ts';
import { LOOP_MODES, type LoopMode } from '#lib/workflow/step-type.ts';
import { recover } from './decide.ts';
import type { NewRunEvent } from './events.ts';
import { afterFailure } from './retry.ts';
import { placeOf, stepAt } from './scope.ts';
import { isFinal, type RunState, type StepState, scopesOf } from './state.ts';
import { type Conditions, each, graphOf, TestRun } from './test-run.ts';

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
  readonly loop: Loop | null;
}

/** A step that repeats two others, or a loop of one more. */
interface Loop {
  readonly items: number;
  readonly concurrency: number;
  readonly mode: LoopMode;
  readonly breaks: boolean;
  readonly nested: boolean;
  readonly while: boolean;
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

function shapes(joins: readonly ('all' | 'any' | 'quorum')[], modes: readonly LoopMode[]): fc.Arbitrary<Shape[]> {
  const loop = fc.record({
    items: fc.nat(4),
    concurrency: fc.integer({ min: 1, max: 3 }),
    mode: fc.constantFrom(...modes),
    breaks: modes.length > 1 ? rarely : fc.constant(false),
    nested: rarely,
    while: rarely,
  });
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
    loop: fc.option(loop, { freq: 3 }),
  });
  return fc.array(shape, { minLength: 1, maxLength: 12, size: 'max' });
}

/** `joins` limits the kinds of join; without any and quorum the end of a run is independent of the order of its events. */
export function randomRun(
  joins: readonly ('all' | 'any' | 'quorum')[] = ['all', 'all', 'any', 'quorum'],
  modes: readonly LoopMode[] = LOOP_MODES,
): fc.Arbitrary<RandomRun> {
  return fc
    .record({ drawn: shapes(joins, modes), onError: fc.constantFrom('fail', 'fail', 'pause'), policy: rarely })
    .map(({ drawn, onError, policy }) => {
      const steps = drawn.flatMap((shape, index) => stepsOf(shape, index));
      const fates = Object.fromEntries(
        drawn.flatMap((shape, index) => [
          [`s${index}`, shape.fate],
          [`f${index}`, shape.fate],
          [`b${index}`, shape.fate],
          [`c${index}`, { ...shape.fate, failures: 0 }],
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
    ...(shape.loop === null ? { type: shape.asks ? 'once' : 'check' } : loopOf(shape.loop, shape, index)),
    depends_on: depends,
    enabled: !shape.disabled,
    priority: shape.priority,
    on_error: shape.onError,
    ...(shape.onError === 'fallback' ? { fallback_step: `f${index}` } : {}),
    ...(sources.length > 0 ? { join: shape.join, allow_failed_deps: shape.allowFailed } : {}),
    ...(sources.length > 0 && shape.join === 'quorum' ? { min_success: 1 + (shape.min % sources.length) } : {}),
    ...(sources.length > 0 && shape.join !== 'all' && shape.cancelRest ? { cancel_rest: true } : {}),
    ...(shape.context && sources.length > 0 ? { context_from: [`s${sources[0]}`] } : {}),
    ...(shape.attempts > 1 && shape.loop === null ? { retry: { max_attempts: shape.attempts, delay: 1 } } : {}),
    ...(shape.undo ? { undo: { type: 'work' } } : {}),
    ...(shape.conditions % 3 === 0 ? { run_when: `run ${id}` } : {}),
    ...(shape.conditions % 4 === 0 ? { skip_when: `skip ${id}` } : {}),
  };
  return shape.onError === 'fallback' ? [step, { id: `f${index}` }] : [step];
}

function loopOf(loop: Loop, shape: Shape, index: number): Partial<Step> {
  const inner = [
    { id: `b${index}`, type: 'check', ...(shape.attempts > 1 ? { retry: { max_attempts: 2, delay: 1 } } : {}) },
    { id: `c${index}`, type: 'check', depends_on: [`b${index}`], ...(shape.undo ? { undo: { type: 'work' } } : {}) },
  ];
  const { concurrency, mode } = loop;
  const steps = loop.nested ? [each(`n${index}`, { items: [1, 2], concurrency: 2, mode, steps: inner })] : inner;
  const what = loop.while ? { while: `while ${loop.items}` } : { items: Array.from({ length: loop.items }, (_, at) => at), concurrency };
  const { type, config } = each('', { ...what, mode, steps, ...(loop.breaks ? { break_when: 'break' } : {}) });
  return { ...(type === undefined ? {} : { type }), ...(config === undefined ? {} : { config }) };
}

export function startRandomRun(random: RandomRun): TestRun {
  return new TestRun(graphOf(random.steps, random.rest), conditionsOf(random));
}

export function conditionsOf(random: RandomRun): Conditions {
  return (expression, _, iteration = 0) => {
    const [kind, id] = expression.split(' ');
    if (kind === 'while') return iteration < Number(id);
    if (kind === 'break') return iteration === 1;
    const answer = kind === 'run' ? random.fates[id ?? '']?.runWhen : random.fates[id ?? '']?.skipWhen;
    if (answer === 'throws') throw new Error('thrown by the condition');
    return answer ?? true;
  };
}

/** Ends one thing of those that are under way, picked by `pick`; false when nothing is. */
export function moveOn(run: TestRun, random: RandomRun, pick: number): boolean {
  const { state } = run;
  run.now += 1 + (pick % 7);
  const running = [...scopesOf(state)].flatMap((scope) =>
    scope.graph.steps.filter((step) => isExecuted(scope.steps[step.index])).map((step) => scope.prefix + step.id),
  );
  const undo = run.works.at(-1);
  if (state.status === 'rolling_back' && undo?.kind === 'undo') {
    run.on({ type: 'step_undone', step: undo.step, attempt: 1, at: run.now });
    return true;
  }
  const key = running[pick % Math.max(1, running.length)];
  if (key !== undefined) {
    run.on(endOf(state, random, key, run.now));
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

function isExecuted(at: StepState | undefined): boolean {
  return at?.status === 'running' && at.loop === null;
}

function endOf(state: RunState, random: RandomRun, key: string, now: number): NewRunEvent {
  const place = placeOf(state, key);
  const doom = random.fates[idOfKey(key)];
  if (place === undefined || doom === undefined) throw new Error(`No step ${key}`);
  const { step, at } = stepAt(place.scope, place.index);
  if (at.stopping) return { type: 'step_cancelled', step: key, at: now };
  const base = { step: key, attempt: at.attempt, at: now, started_at: at.startedAt ?? now };
  if (at.retries < doom.failures) {
    const error = { code: 'FAILED', message: `${key} failed` };
    const failed = { step: key, attempt: at.attempt, startedAt: base.started_at, endedAt: now, error, retryable: true };
    return afterFailure(step, at, failed, 0);
  }
  if (doom.waits && at.waiting === null && at.progress === null) {
    return { type: 'step_waiting', step: key, attempt: at.attempt, kind: 'timer', wake_at: now + 50, data: 'slept', at: now };
  }
  return { ...base, type: 'step_completed', output: key, branch: doom.branch };
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
