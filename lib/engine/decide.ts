import type { NewRunEvent } from '#lib/engine/events.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { apply, refreshStatus } from './apply.ts';
import { askLoop } from './ask-loop.ts';
import { cancelAll, cancelStep, isCutOff, restOf } from './cancel-rest.ts';
import { isIterating, mark } from './counters.ts';
import { type Decision, record, skip, type Work } from './decision.ts';
import { isIteration, loopAt } from './loop.ts';
import { outcomeOf } from './outcome.ts';
import { askStep } from './questions.ts';
import { isSettled } from './readiness.ts';
import { enlist, keyOf, placeOf, stepAt, stepState, strike } from './scope.ts';
import { isFinal, type RunState, type Scope, scopesOf } from './state.ts';
import { popTimer, type Timer } from './timers.ts';
import { askUndoOf, undoOrder } from './undo.ts';

export type { Decision, Work } from './decision.ts';

/**
 * What a run needs next. First the run as a whole is asked, then each step on the agenda:
 *
 *     final? → rolling back? → cancelled? → started? → paused? → pause due? → deadline over?
 *            → steps on the agenda (timers that are due first) → all settled: how does it end?
 *
 * `decide` says it, `advance` does what needs no shell. Both cost what there is to do, not the size of the graph.
 * The shell's loop is:
 *
 *     const { events, work, wakeAt } = advance(state, now);   // journal `events`, perform `work`
 *     …                                                              // then, for each result:
 *     apply(state, event);                                           // and around again
 */

/**
 * The decisions of this moment. Asked twice it answers the same until an event is applied; only due timers move to the
 * agenda, which no answer depends on.
 */
export function decide(state: RunState, now: number): Decision[] {
  const early = askRun(state, now);
  if (early !== null) return early;
  ringTimers(state, now);
  const decisions: Decision[] = [];
  for (const scope of state.busy) {
    for (const index of scope.agenda) for (const decision of askAny(scope, index, now)) decisions.push(decision);
  }
  if (decisions.length === 0) return askEnd(state, now);
  const sorted = byPriority(state, decisions);
  return [...sorted, ...sorted.flatMap((decision) => restDecisions(state, decision, now))];
}

export interface Move {
  /** To be journaled in this order; the state has them already. */
  readonly events: NewRunEvent[];
  /** Each piece is handed out once, highest priority first. Nothing of it may begin before `events` are durable. */
  readonly work: Work[];
  /** When to call again at the latest, null for "after the next event". */
  readonly wakeAt: number | null;
}

/**
 * The worker's one call after each event: applies all that needs no shell (skips spread in the same move, expiries,
 * due waits, pause, cancellation, completion) and hands out the work, each piece once. When nothing is in flight and
 * the status is `waiting`, `paused` or final, the run can be parked or dropped.
 */
export function advance(state: RunState, now: number): Move {
  const events: NewRunEvent[] = [];
  const work: Work[] = [];
  const keep = (event: NewRunEvent): void => {
    apply(state, event);
    events.push(event);
  };
  for (let again = true; again; ) {
    const stops = state.cancel !== null && !state.stopsHandedOut;
    const early = askRun(state, now);
    const decisions = early ?? askAgenda(state, now, keep);
    const ready = decisions ?? [];
    again = decisions === null;
    for (const decision of early === null ? byPriority(state, ready) : ready) {
      const todo = [decision, ...restDecisions(state, decision, now)];
      for (const one of todo) {
        if (one.kind === 'record') {
          keep(one.event);
          again = true;
        } else if (isWanted(state, one)) {
          hand(state, one);
          work.push(one);
        }
      }
    }
    if (stops) {
      state.stopsHandedOut = true;
      again = true;
    }
  }
  refreshStatus(state);
  return { events, work, wakeAt: nextWakeAt(state) };
}

/**
 * Walks the agendas until nothing more is to be recorded: a set hands out what a skip adds to it behind. Null: ask the
 * run again, because a failure asks for a pause before anything new starts.
 */
function askAgenda(state: RunState, now: number, keep: (event: NewRunEvent) => void): Decision[] | null {
  ringTimers(state, now);
  const held = new Map<string, Work>();
  for (let more = true; more; ) {
    more = false;
    for (const scope of state.busy) {
      for (const index of scope.agenda) {
        const asked = askAny(scope, index, now);
        // A wait that had something to look at, until another took it. Its time, or the next event, brings it back.
        if (asked.length === 0 && stepAt(scope, index).at.status === 'waiting') strike(scope, index);
        for (const decision of asked) {
          if (decision.kind === 'record') {
            keep(decision.event);
            more = true;
          } else {
            // Asked again when another scope's events lead back here: still one decision.
            held.set(nameOf(decision), decision);
          }
        }
        if (state.pauseDue) return null;
      }
    }
  }
  const wanted = [...held.values()].filter((work) => isWanted(state, work));
  return wanted.length > 0 ? wanted : askEnd(state, now);
}

const NOTHING: readonly Decision[] = [];

/** A step executes itself, or its iterations are under way. */
function askAny(scope: Scope, index: number, now: number): readonly Decision[] {
  const { at } = stepAt(scope, index);
  if (at.loop !== null && isIterating(at)) return askLoop(scope, index, at.loop, now);
  const decision = askStep(scope, index, now);
  return decision === null ? NOTHING : [decision];
}

/** A step has one piece of work at a time, a loop one for each iteration. */
function nameOf(work: Work): string {
  return work.kind === 'evaluate' && work.iteration !== undefined ? `${work.step}#${work.iteration}` : work.step;
}

/** False for a step that a `cancel_rest`, or its loop, has ended in the same move. */
function isWanted(state: RunState, work: Work): boolean {
  return work.kind === 'undo' || !isSettled(stepState(state, work.step)?.status ?? 'cancelled');
}

/** Marks work as taken, so that it isn't handed out twice. Not an event: it is lost with the process, and so it should. */
function hand(state: RunState, work: Work): void {
  const place = placeOf(state, work.step);
  if (place === undefined) return;
  const { scope, index } = place;
  strike(scope, index);
  if (work.kind === 'evaluate' && work.iteration !== undefined) {
    takeQuestion(scope, index, work.iteration);
    return;
  }
  if (work.kind === 'cancel_step') {
    mark(scope, index, { stopping: true });
    // Its loop was asked and has said all: it comes back when its last iteration has ended.
    if (isIteration(scope) && loopAt(scope.outer, scope.loop)?.loop.closing != null) strike(scope.outer, scope.loop);
  } else mark(scope, index, { taken: work.kind, lost: false });
}

function takeQuestion(scope: Scope, index: number, iteration: number): void {
  const question = stepAt(scope, index).at.loop?.questions.get(iteration);
  if (question === undefined || question.taken) return;
  question.taken = true;
  scope.root.inFlight++;
}

/** What concerns the run as a whole; null: ask the steps. */
function askRun(state: RunState, now: number): Decision[] | null {
  if (isFinal(state.status)) return [];
  if (state.status === 'rolling_back') return askUndo(state, now);
  if (state.cancel !== null) return askCancelled(state, now);
  if (state.status === 'queued') return [record({ type: 'run_started', at: now })];
  if (state.status === 'paused') return [];
  if (state.status === 'pausing') {
    if (state.inFlight > 0) return [];
    return [record({ type: 'run_paused', reason: state.pause?.reason ?? 'request', at: now })];
  }
  if (state.pauseDue) return [record({ type: state.inFlight > 0 ? 'run_pausing' : 'run_paused', reason: 'error', at: now })];
  if (state.total > state.graph.maxSteps) return [record({ type: 'run_cancelling', reason: 'limit', at: now })];
  if (state.deadline !== null && now >= state.deadline) return [record({ type: 'run_cancelling', reason: 'timeout', at: now })];
  return null;
}

function askUndo(state: RunState, now: number): Decision[] {
  const next = state.undoing.at(-1);
  return next === undefined ? [completion(state, now)] : askUndoOf(next, stepState(state, next), now);
}

/** At first everything is ended or asked to stop; later what was left over, as the agenda tells it. */
function askCancelled(state: RunState, now: number): Decision[] {
  const decisions = state.stopsHandedOut ? cancelDue(state, now) : cancelAll(state, now);
  if (decisions.length > 0) return decisions;
  return state.settled === state.steps.length ? askEnd(state, now) : [];
}

function cancelDue(state: RunState, now: number): Decision[] {
  const decisions: Decision[] = [];
  for (const scope of state.busy) for (const index of scope.agenda) decisions.push(...cancelStep(scope, index, now));
  return decisions;
}

/** Nothing to do for any step: the run has ended, or waits, or can never go on. */
function askEnd(state: RunState, now: number): Decision[] {
  if (state.settled === state.steps.length)
    return [rollsBack(state) ? record({ type: 'run_rolling_back', at: now }) : completion(state, now)];
  if (state.inFlight > 0 || state.waiting > 0 || state.busy.size > 0) return [];
  // A circle of fallbacks or the like, which validation refuses: whatever the definition, no run hangs.
  return [...scopesOf(state)].flatMap((scope) =>
    scope.graph.steps
      .filter((step) => stepAt(scope, step.index).at.status === 'pending')
      .map((step) => skip(keyOf(scope, step.index), 'not_taken', now)),
  );
}

function rollsBack(state: RunState): boolean {
  const { status } = outcomeOf(state);
  const wanted = status === 'failed' || (status === 'cancelled' && state.cancel?.rollback === true);
  return wanted && undoOrder(state).length > 0;
}

function completion(state: RunState, now: number): Decision {
  const duration = state.startedAt === null ? 0 : Math.max(0, now - state.startedAt) / 1000;
  return record({ type: 'run_completed', ...outcomeOf(state), duration_seconds: duration, at: now });
}

function restDecisions(state: RunState, decision: Decision, now: number): Decision[] {
  if (decision.kind !== 'start') return [];
  const place = placeOf(state, decision.step);
  if (place === undefined || !stepAt(place.scope, place.index).step.cancelRest) return [];
  return restOf(place.scope, place.index).flatMap((index) => cancelStep(place.scope, index, now));
}

const prioritized = new WeakMap<Graph, boolean>();

/** Higher priority first; equals stay in the order in which they became ready. */
function byPriority(state: RunState, decisions: Decision[]): Decision[] {
  if (decisions.length < 2 || !knowsPriorities(state.graph)) return decisions;
  const priority = (decision: Decision): number => {
    const place = decision.kind === 'record' ? undefined : placeOf(state, decision.step);
    return place === undefined ? 0 : stepAt(place.scope, place.index).step.priority;
  };
  return decisions.toSorted((a, b) => priority(b) - priority(a));
}

function knowsPriorities(graph: Graph): boolean {
  let known = prioritized.get(graph);
  if (known === undefined) {
    known = graph.steps.some((step) => step.priority !== 0 || (step.body !== null && knowsPriorities(step.body.graph)));
    prioritized.set(graph, known);
  }
  return known;
}

/** Moves what is due from the timers to the agenda. */
function ringTimers(state: RunState, now: number): void {
  for (let top = state.timers[0]; top !== undefined && top.at <= now; top = state.timers[0]) {
    popTimer(state.timers);
    if (waitsFor(top)) enlist(top.scope, top.step);
  }
}

function waitsFor({ scope, step: index, at }: Timer): boolean {
  const step = scope.steps[index];
  if (step === undefined || step.taken !== null || isSettled(step.status)) return false;
  return isIterating(step) ? step.loop?.deadline === at && step.loop.closing === null : step.waiting?.wakeAt === at;
}

/** The earliest time at which something is due by itself; null while paused, cancelling, rolling back or final. */
export function nextWakeAt(state: RunState): number | null {
  if ((state.status !== 'running' && state.status !== 'waiting') || state.cancel !== null) return null;
  for (let top = state.timers[0]; top !== undefined && !waitsFor(top); top = state.timers[0]) popTimer(state.timers);
  const timer = state.timers[0]?.at ?? null;
  if (timer === null || state.deadline === null) return timer ?? state.deadline;
  return Math.min(timer, state.deadline);
}

/**
 * After a take-over: what the journal shows as running has lost its worker (but what runs elsewhere through a queue).
 * Call it each time a journal was loaded (take-over, woken, resumed), after folding and before the first `advance`, which
 * then repeats or fails those steps as their types say. Never while steps of this process are in flight.
 */
export function recover(state: RunState): void {
  for (const scope of scopesOf(state)) {
    for (const [index, at] of scope.steps.entries()) {
      if (at.status !== 'running' || at.taken !== null || at.remote !== null) continue;
      if (isIterating(at) && !isCutOff(scope, index)) continue;
      mark(scope, index, { lost: true });
      enlist(scope, index);
    }
  }
  refreshStatus(state);
}
