import type { Json } from '#lib/base/json.ts';
import type { NewRunEvent, RunError, RunEvent } from '#lib/engine/events.ts';
import { iterationPrefix } from '#lib/workflow/step-key.ts';
import { mark } from './counters.ts';
import type { Iteration, LoopClosing, LoopState } from './loop-state.ts';
import { firstError, resultOf } from './outcome.ts';
import { handlesFailure } from './readiness.ts';
import { enlist, keyOf, stepAt, strike } from './scope.ts';
import { blankSteps, type Scope, type StepState, seeds } from './state.ts';
import { pushTimer } from './timers.ts';

/**
 * The part of the fold that a step with a body adds: which iteration begins, ends, decides.
 *
 *     loop_opened ─▶ iterations begin as places are free ─▶ each ends ─▶ (break_when?) ─▶ the next begins … ─▶ over
 *                    (while? before each)                   └─▶ closing: those under way are cancelled ─▶ over
 *
 * An iteration costs the steps of its body; an event inside of one costs nothing of the others.
 */

type Event<Type> = Extract<RunEvent | NewRunEvent, { readonly type: Type }>;

/** The iterations of a step that is iterating. */
export function loopAt(scope: Scope, index: number): { readonly at: StepState; readonly loop: LoopState } | null {
  const { at } = stepAt(scope, index);
  return at.loop === null || at.status !== 'running' ? null : { at, loop: at.loop };
}

/** Takes `loop_opened` in: the step's iterations begin. */
export function openLoop(scope: Scope, index: number, event: Event<'loop_opened'>): void {
  const { step, at } = stepAt(scope, index);
  if (step.body === null || at.loop !== null) return;
  const { items, limit, concurrency } = event;
  const deadline = step.timeout === null ? null : event.at + step.timeout;
  const loop: LoopState = {
    ...{ body: step.body, items, limit, concurrency, openedAt: event.at, deadline },
    ...{ iterations: [], open: 0, stopped: false, stoppedBy: null, closing: null, questions: new Map() },
  };
  mark(scope, index, { loop });
  at.progress = items === null ? null : 0;
  if (deadline !== null) pushTimer(scope.root.timers, { at: deadline, scope, step: index });
  if (scope === scope.root) scope.root.looping.add(index);
  goOn(scope, index, event.at);
}

/** Begins what may begin, and says on the agenda what else there is to do. */
function goOn(scope: Scope, index: number, now: number): void {
  const found = loopAt(scope, index);
  if (found === null) return;
  const { at, loop } = found;
  while (mayBegin(scope, loop)) {
    if (loop.body.while === null) begin(scope, index, at, now);
    else loop.questions.set(loop.iterations.length, { condition: 'while', taken: false });
  }
  if (needsLook(scope, loop)) enlist(scope, index);
}

function mayBegin({ root }: Scope, loop: LoopState): boolean {
  if (loop.stopped || loop.closing !== null || root.cancel !== null || root.total > root.graph.maxSteps) return false;
  return loop.open + loop.questions.size < loop.concurrency && loop.iterations.length < loop.limit;
}

function begin(scope: Scope, index: number, at: StepState, now: number): void {
  const { loop } = at;
  if (loop === null) return;
  const { root } = scope;
  const { graph } = loop.body;
  const number = loop.iterations.length;
  const item = (loop.items === null ? loop.iterations[number - 1]?.output : loop.items[number]) ?? null;
  const iteration: Iteration = {
    ...{ root, graph, prefix: iterationPrefix(keyOf(scope, index), number), steps: blankSteps(graph, at.execution) },
    ...{ agenda: new Set(seeds(graph)), settled: 0, error: null, outer: scope, loop: index, number, item },
    ...{ startedAt: now, endedAt: null, status: 'running', output: null },
  };
  loop.iterations.push(iteration);
  loop.open++;
  root.total += graph.steps.length;
  root.busy.add(iteration);
}

/** True where the loop is over, or somebody has to be asked or stopped. */
export function needsLook(scope: Scope, loop: LoopState): boolean {
  if (loop.closing !== null || isOver(scope, loop)) return true;
  for (const question of loop.questions.values()) if (!question.taken) return true;
  return false;
}

/** True where nothing of it is under way and nothing more begins. */
export function isOver({ root }: Scope, loop: LoopState): boolean {
  if (loop.open > 0) return false;
  if (loop.closing !== null || root.cancel !== null) return true;
  return loop.questions.size === 0 && (loop.stopped || loop.iterations.length >= loop.limit);
}

/** True for a scope that is an iteration of a loop. */
export function isIteration(scope: Scope): scope is Iteration {
  return scope !== scope.root;
}

/** All steps of an iteration have ended: what it resulted in, and what that means for its loop. */
export function endIteration(iteration: Iteration, now: number): void {
  const { outer, loop: index, root } = iteration;
  const found = loopAt(outer, index);
  if (found === null || found.loop.iterations[iteration.number] !== iteration) return;
  const { at, loop } = found;
  const error = firstError(iteration, (step) => !handlesFailure(step));
  iteration.endedAt = now;
  iteration.status = statusOf(iteration, loop, error);
  iteration.error = error;
  if (iteration.status === 'completed') iteration.output = resultOf(iteration);
  loop.open--;
  if (loop.items !== null) at.progress = (loop.iterations.length - loop.open) / loop.limit;
  const closing = closingBy(iteration, loop, error);
  if (closing !== null) close(outer, loop, closing);
  else if (loop.body.breakWhen !== null && !loop.stopped && root.cancel === null) {
    loop.questions.set(iteration.number, { condition: 'break_when', taken: false });
  }
  goOn(outer, index, now);
}

function statusOf(iteration: Iteration, loop: LoopState, error: RunError | null): Iteration['status'] {
  const stopped = loop.closing !== null || iteration.root.cancel !== null;
  if (stopped && iteration.steps.some((step) => step.status === 'cancelled' || step.skipReason === 'cancelled')) return 'cancelled';
  return error === null ? 'completed' : 'failed';
}

function closingBy(iteration: Iteration, loop: LoopState, error: RunError | null): LoopClosing | null {
  const { mode } = loop.body;
  if (loop.closing !== null) return null;
  if (iteration.status === 'completed') return mode === 'any' || mode === 'race' ? { reason: 'won', iteration: iteration.number } : null;
  if (iteration.status !== 'failed' || error === null || mode === 'any' || mode === 'all_settled') return null;
  return { reason: 'failed', error: iterationError(iteration.number, error) };
}

/** An iteration's failure as that of its loop. */
export function iterationError(number: number, error: RunError): RunError {
  const data = { iteration: number, error: error as unknown as Json };
  return { code: 'ITERATION_FAILED', message: `Iteration ${number} failed: ${error.message}`, data };
}

function close(scope: Scope, loop: LoopState, closing: LoopClosing): void {
  loop.closing = closing;
  dropQuestions(scope, loop);
}

function dropQuestions({ root }: Scope, loop: LoopState): void {
  for (const { taken } of loop.questions.values()) if (taken) root.inFlight--;
  loop.questions.clear();
}

/** Takes the answer to `while` or `break_when` in. */
export function answerLoop(scope: Scope, index: number, event: Event<'condition_evaluated'>): void {
  const found = loopAt(scope, index);
  const question = found?.loop.questions.get(event.iteration ?? -1);
  if (found === null || question === undefined || question.condition !== event.condition) return;
  const { at, loop } = found;
  if (question.taken) scope.root.inFlight--;
  loop.questions.delete(event.iteration ?? -1);
  if (event.error !== undefined) close(scope, loop, { reason: 'failed', error: event.error });
  else if (event.condition === 'break_when' && event.value === true) stop(loop, event);
  else if (event.condition === 'while' && event.value !== true) stop(loop, event);
  else if (event.condition === 'while' && loop.closing === null && scope.root.cancel === null) begin(scope, index, at, event.at);
  goOn(scope, index, event.at);
  // Whoever folds a journal has not handed the question out, which is what takes a loop off the agenda.
  const isDue = at.lost || (loop.deadline !== null && event.at >= loop.deadline);
  if (!isDue && !needsLook(scope, loop)) strike(scope, index);
}

function stop(loop: LoopState, { condition, iteration = 0, read = [] }: Event<'condition_evaluated'>): void {
  if (condition !== 'while' && condition !== 'break_when') return;
  loop.stopped = true;
  loop.stoppedBy ??= { condition, iteration, read };
}

/** Takes `loop_stopping` in: those under way are cancelled. */
export function stopLoop(scope: Scope, index: number, event: Event<'loop_stopping'>): void {
  const found = loopAt(scope, index);
  if (found === null || found.loop.closing !== null) return;
  close(scope, found.loop, { reason: event.reason });
  enlist(scope, index);
}

/** The step's iterations are over, whatever becomes of the step. */
export function leaveLoop(scope: Scope, index: number, loop: LoopState): void {
  dropQuestions(scope, loop);
  if (scope === scope.root) scope.root.looping.delete(index);
}
