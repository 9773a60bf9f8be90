import type { RunError, StepStatus } from '#lib/engine/events.ts';
import type { Graph, GraphStep } from '#lib/workflow/graph.ts';
import { idOfKey, rootOfKey } from '#lib/workflow/step-key.ts';
import { dropCalls } from './called-steps.ts';
import { count, isIterating } from './counters.ts';
import { endIteration, isIteration, leaveLoop, needsLook } from './loop.ts';
import type { LoopState } from './loop-state.ts';
import { edgeState, fallbackVerdict, handlesFailure, isSettled, joinVerdict, standIn, type Verdict } from './readiness.ts';
import { enlist, keyOf, stepAt, strike } from './scope.ts';
import { blankStep, type RunState, type Scope, scopesOf } from './state.ts';
import { pushTimer } from './timers.ts';

/**
 * Keeps the counters and the agenda of a scope in step with its steps' statuses: the incremental side of `apply`.
 * Every function costs at most the out-degree of the step it is given, but `recount`, which costs the whole graph.
 */

/** Gives a step its new status and takes it off the agenda; an end spreads to the steps after it. */
export function changeStatus(scope: Scope, index: number, status: StepStatus): void {
  const { at } = stepAt(scope, index);
  const ended = isSettled(status) && !isSettled(at.status);
  if (at.loop !== null && isIterating(at) && status !== 'running') leaveLoop(scope, index, at.loop);
  count(scope, at, -1);
  at.status = status;
  at.taken = null;
  at.lost = false;
  at.stopping = false;
  count(scope, at, 1);
  strike(scope, index);
  if (!ended) return;
  spreadEnd(scope, index);
  if (scope.settled === scope.steps.length && isIteration(scope)) endIteration(scope, at.endedAt ?? scope.startedAt);
}

function spreadEnd(scope: Scope, index: number): void {
  const { step, at } = stepAt(scope, index);
  if (step.fallback !== null) {
    const fallback = stepAt(scope, step.fallback).at;
    fallback.fallbackOpen--;
    if (at.status === 'failed') fallback.fallbackNeeded++;
    touch(scope, step.fallback);
  }
  resolve(scope, index);
}

/** Once nothing more can change what a step's edges say: hands it to the joins and contexts that wait for it. */
function resolve(scope: Scope, index: number): void {
  const { step } = stepAt(scope, index);
  const end = scope.steps[standIn(scope.graph, scope.steps, index)];
  if (end === undefined || !isSettled(end.status)) return;
  for (const edge of step.outgoing) {
    const to = stepAt(scope, edge.to).at;
    to.open--;
    to[edgeState(scope.graph, scope.steps, edge)]++;
  }
  for (const reader of contextReaders(scope.graph)[index] ?? []) stepAt(scope, reader).at.contextOpen--;
  for (const edge of step.outgoing) touch(scope, edge.to);
  for (const reader of contextReaders(scope.graph)[index] ?? []) touch(scope, reader);
  for (const user of step.fallbackFor) {
    if (user !== index && stepAt(scope, user).at.status === 'failed') resolve(scope, user);
  }
}

export function verdictOf(scope: Scope, index: number): Verdict {
  const { step, at } = stepAt(scope, index);
  if (step.fallbackFor.length > 0) return fallbackVerdict(at.fallbackNeeded, at.fallbackOpen);
  return joinVerdict(step.join, at);
}

/** Puts a pending step on the agenda when its join is decided and (to start) its context has ended. */
export function touch(scope: Scope, index: number): void {
  const { step, at } = stepAt(scope, index);
  // What code has asked for is begun by its executor.
  if (at.status !== 'pending' || at.taken !== null || scope.agenda.has(index) || step.call !== null) return;
  const verdict = verdictOf(scope, index);
  if (verdict === 'wait' || (verdict === 'ready' && at.contextOpen > 0)) return;
  enlist(scope, index);
}

const readersOf = new WeakMap<Graph, readonly (readonly number[])[]>();

/** For each step those that name it in `context_from`. */
function contextReaders(graph: Graph): readonly (readonly number[])[] {
  let readers = readersOf.get(graph);
  if (readers === undefined) {
    const fresh = graph.steps.map((): number[] => []);
    for (const step of graph.steps) for (const source of step.contextFrom) fresh[source]?.push(step.index);
    readers = fresh;
    readersOf.set(graph, readers);
  }
  return readers;
}

/** Resets the named steps to a new execution and counts everything anew. O(steps + edges). */
export function resetSteps(state: RunState, keys: readonly string[]): void {
  const reset = new Set(keys);
  dropCalls(state, reset);
  for (const key of reset) {
    const index = state.graph.byId.get(key)?.index;
    const old = index === undefined ? undefined : state.steps[index];
    if (index === undefined || old === undefined) continue;
    state.steps[index] = blankStep(old.execution + 1);
  }
  for (const key of state.logs.keys()) if (reset.has(rootOfKey(key))) state.logs.delete(key);
  recount(state);
}

/** Builds counters, agendas, timers and the provisional errors from the steps' statuses alone. */
function recount(state: RunState): void {
  Object.assign(state, { inFlight: 0, away: 0, waiting: 0, total: 0 });
  state.looping.clear();
  state.busy.clear();
  state.timers.length = 0;
  for (const scope of scopesOf(state)) recountScope(scope);
}

function recountScope(scope: Scope): void {
  const { graph, steps } = scope;
  scope.root.total += steps.length;
  scope.settled = 0;
  if (!isIteration(scope) || scope.status === 'running') scope.error = null;
  scope.agenda.clear();
  const isOpen = (index: number): boolean => !isSettled(stepAt(scope, standIn(graph, steps, index)).at.status);
  for (const step of graph.steps) {
    const { at } = stepAt(scope, step.index);
    Object.assign(at, { open: 0, satisfied: 0, dead: 0, missed: 0 });
    for (const edge of step.incoming) at[edgeState(graph, steps, edge)]++;
    at.contextOpen = step.contextFrom.filter(isOpen).length;
    at.fallbackOpen = step.fallbackFor.filter((user) => !isSettled(stepAt(scope, user).at.status)).length;
    at.fallbackNeeded = step.fallbackFor.filter((user) => stepAt(scope, user).at.status === 'failed').length;
    count(scope, at, 1);
    if (at.waiting?.wakeAt != null && !isSettled(at.status))
      pushTimer(scope.root.timers, { at: at.waiting.wakeAt, scope, step: step.index });
    if (at.status === 'failed' && at.error !== null) noteFailure(scope, step, at.error);
    if (at.loop !== null && isIterating(at)) recountLoop(scope, step.index, at.loop);
  }
  for (const step of graph.steps) touch(scope, step.index);
}

function recountLoop(scope: Scope, index: number, loop: LoopState): void {
  for (const question of loop.questions.values()) if (question.taken) scope.root.inFlight++;
  if (loop.deadline !== null) pushTimer(scope.root.timers, { at: loop.deadline, scope, step: index });
  if (scope === scope.root) scope.root.looping.add(index);
  if (needsLook(scope, loop)) enlist(scope, index);
}

/** The scope's provisional error: of the first step in definition order that failed without being handled. */
export function noteFailure(scope: Scope, step: GraphStep, error: RunError): boolean {
  if (handlesFailure(step)) return false;
  const known = scope.error?.step === undefined ? undefined : scope.graph.byId.get(idOfKey(scope.error.step));
  // While paused the stored error stays the one that people were told.
  if (scope.error === null || (scope.root.pause === null && known !== undefined && step.index < known.index)) {
    scope.error = { ...error, step: keyOf(scope, step.index) };
  }
  return true;
}
