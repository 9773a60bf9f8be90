import type { RunError, StepStatus } from '#lib/engine/events.ts';
import type { Graph, GraphStep } from '#lib/workflow/graph.ts';
import { edgeState, fallbackVerdict, handlesFailure, isSettled, joinVerdict, standIn, type Verdict } from './readiness.ts';
import { blankStep, type RunState, type StepState } from './state.ts';
import { pushTimer } from './timers.ts';

/**
 * Keeps the counters and the agenda of a state in step with its steps' statuses: the incremental side of `apply`.
 * Every function costs at most the out-degree of the step it is given, but `recount`, which costs the whole graph.
 */

/** At an index: the graph's step and the state's, which always exist together. */
export function stepAt(state: RunState, index: number): { readonly step: GraphStep; readonly at: StepState } {
  const step = state.graph.steps[index];
  const at = state.steps[index];
  if (step === undefined || at === undefined) throw new RangeError(`No step ${index} in this graph`);
  return { step, at };
}

function isInFlight(at: StepState): boolean {
  return at.taken !== null || (at.status === 'running' && !at.lost);
}

function count(state: RunState, at: StepState, by: 1 | -1): void {
  if (isInFlight(at)) state.inFlight += by;
  if (at.status === 'waiting' || at.status === 'queued') state.waiting += by;
  if (isSettled(at.status)) state.settled += by;
}

/** Gives a step its new status and takes it off the agenda; an end spreads to the steps after it. */
export function changeStatus(state: RunState, index: number, status: StepStatus): void {
  const { at } = stepAt(state, index);
  const ended = isSettled(status) && !isSettled(at.status);
  count(state, at, -1);
  at.status = status;
  at.taken = null;
  at.lost = false;
  at.stopping = false;
  count(state, at, 1);
  state.agenda.delete(index);
  if (ended) spreadEnd(state, index);
}

/** Changes the marks that are not part of the journal, keeping the counters right. */
export function mark(state: RunState, index: number, marks: Partial<Pick<StepState, 'taken' | 'lost' | 'stopping'>>): void {
  const { at } = stepAt(state, index);
  count(state, at, -1);
  Object.assign(at, marks);
  count(state, at, 1);
}

function spreadEnd(state: RunState, index: number): void {
  const { step, at } = stepAt(state, index);
  if (step.fallback !== null) {
    const fallback = stepAt(state, step.fallback).at;
    fallback.fallbackOpen--;
    if (at.status === 'failed') fallback.fallbackNeeded++;
    touch(state, step.fallback);
  }
  resolve(state, index);
}

/** Once nothing more can change what a step's edges say: hands it to the joins and contexts that wait for it. */
function resolve(state: RunState, index: number): void {
  const { step } = stepAt(state, index);
  const end = state.steps[standIn(state.graph, state.steps, index)];
  if (end === undefined || !isSettled(end.status)) return;
  for (const edge of step.outgoing) {
    const to = stepAt(state, edge.to).at;
    to.open--;
    to[edgeState(state.graph, state.steps, edge)]++;
  }
  for (const reader of contextReaders(state.graph)[index] ?? []) stepAt(state, reader).at.contextOpen--;
  for (const edge of step.outgoing) touch(state, edge.to);
  for (const reader of contextReaders(state.graph)[index] ?? []) touch(state, reader);
  for (const user of step.fallbackFor) {
    if (user !== index && stepAt(state, user).at.status === 'failed') resolve(state, user);
  }
}

export function verdictOf(state: RunState, index: number): Verdict {
  const { step, at } = stepAt(state, index);
  if (step.fallbackFor.length > 0) return fallbackVerdict(at.fallbackNeeded, at.fallbackOpen);
  return joinVerdict(step.join, at);
}

/** Puts a pending step on the agenda when its join is decided and (to start) its context has ended. */
export function touch(state: RunState, index: number): void {
  const { at } = stepAt(state, index);
  if (at.status !== 'pending' || at.taken !== null || state.agenda.has(index)) return;
  const verdict = verdictOf(state, index);
  if (verdict === 'wait' || (verdict === 'ready' && at.contextOpen > 0)) return;
  state.agenda.add(index);
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
  for (const key of reset) {
    const index = state.graph.byId.get(key)?.index;
    const old = index === undefined ? undefined : state.steps[index];
    if (index === undefined || old === undefined) continue;
    state.steps[index] = blankStep(old.execution + 1);
    state.logs.delete(key);
  }
  for (const key of [...state.inner.keys(), ...state.logs.keys()]) {
    const bracket = key.indexOf('[');
    if (bracket < 0 || !reset.has(key.slice(0, bracket))) continue;
    state.inner.delete(key);
    state.logs.delete(key);
  }
  recount(state);
}

/** Builds counters, agenda, timers and the provisional error from the steps' statuses alone. */
function recount(state: RunState): void {
  const { graph, steps } = state;
  Object.assign(state, { settled: 0, inFlight: 0, waiting: 0, error: null });
  state.agenda.clear();
  state.timers.length = 0;
  const isOpen = (index: number): boolean => !isSettled(stepAt(state, standIn(graph, steps, index)).at.status);
  for (const step of graph.steps) {
    const { at } = stepAt(state, step.index);
    Object.assign(at, { open: 0, satisfied: 0, dead: 0, missed: 0 });
    for (const edge of step.incoming) at[edgeState(graph, steps, edge)]++;
    at.contextOpen = step.contextFrom.filter(isOpen).length;
    at.fallbackOpen = step.fallbackFor.filter((user) => !isSettled(stepAt(state, user).at.status)).length;
    at.fallbackNeeded = step.fallbackFor.filter((user) => stepAt(state, user).at.status === 'failed').length;
    count(state, at, 1);
    if (at.waiting?.wakeAt != null && !isSettled(at.status)) pushTimer(state.timers, { at: at.waiting.wakeAt, step: step.index });
    if (at.status === 'failed' && at.error !== null) noteFailure(state, step, at.error);
  }
  for (const step of graph.steps) touch(state, step.index);
}

/** The run's provisional error: of the first step in definition order that failed without being handled. */
export function noteFailure(state: RunState, step: GraphStep, error: RunError): boolean {
  if (handlesFailure(step)) return false;
  const known = state.error?.step === undefined ? undefined : state.graph.byId.get(state.error.step);
  // While paused the stored error stays the one that people were told.
  if (state.error === null || (state.pause === null && known !== undefined && step.index < known.index)) {
    state.error = { ...error, step: step.id };
  }
  return true;
}
