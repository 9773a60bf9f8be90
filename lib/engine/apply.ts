import { isJsonObject } from '#lib/base/json.ts';
import type { NewRunEvent, RunEvent } from '#lib/engine/events.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { applyStepEvent } from './apply-step.ts';
import { isIterating } from './counters.ts';
import { bufferEvent } from './event-buffer.ts';
import { needsLook } from './loop.ts';
import { stepAt, strike } from './scope.ts';
import { resetSteps } from './spread.ts';
import { initialState, type RunState, scopesOf, type Waiting } from './state.ts';
import { pushTimer } from './timers.ts';
import { undoOrder } from './undo.ts';

/**
 * The fold of a run's events.
 *
 *     queued ──run_started──▶ running ⇄ waiting          (waiting: nothing to do, nothing runs, something waits)
 *                               │  ▲
 *              run_pausing ─────┤  └──── run_resumed ◀── paused | pausing
 *                               ▼                          ▲
 *                             pausing ──run_paused─────────┘
 *     any but final ──run_cancelling──▶ the same, with `cancel` set
 *     running ──run_rolling_back──▶ rolling_back
 *     all of them ──run_completed──▶ completed | failed | cancelled ──run_reopened──▶ running
 */

/** The state after these events, in this order. */
export function fold(graph: Graph, events: Iterable<RunEvent | NewRunEvent>): RunState {
  const state = initialState(graph);
  for (const event of events) apply(state, event);
  return state;
}

/**
 * Takes one event in, in place, and returns the same state. Never throws on a valid journal: what comes late (the end
 * of a step that has ended, an event of an attempt that is over) changes nothing. A step's end may come without a start
 * before it: a short step is one journal row.
 *
 * An event without `seq` is one that the journal has not numbered yet; it counts all the same.
 */
export function apply(state: RunState, event: RunEvent | NewRunEvent): RunState {
  state.revision++;
  if ('seq' in event) state.seq = Math.max(state.seq, event.seq);
  switch (event.type) {
    case 'run_queued':
      state.trigger = event.trigger;
      state.version = event.version;
      state.queuedAt = event.at;
      if (event.timeout_ms !== undefined) state.timeout = Math.min(event.timeout_ms, state.timeout ?? event.timeout_ms);
      break;
    case 'run_started':
      state.status = 'running';
      state.startedAt ??= event.at;
      setDeadline(state, event.at);
      break;
    case 'run_pausing':
    case 'run_paused':
      if (state.pause === null) unringTimers(state, event.at);
      state.pause ??= { reason: event.reason, since: event.at };
      state.pauseDue = false;
      state.status = event.type === 'run_paused' ? 'paused' : 'pausing';
      break;
    case 'run_resumed':
      shiftTimers(state, event.at - (state.pause?.since ?? event.at));
      state.pause = null;
      // Held back before it began.
      state.status = state.startedAt === null ? 'queued' : 'running';
      break;
    case 'run_cancelling':
      state.cancel = { reason: event.reason, rollback: event.rollback ?? false };
      state.pause = null;
      state.pauseDue = false;
      state.stopsHandedOut = false;
      if (state.status !== 'queued') state.status = 'running';
      break;
    case 'event_received':
      bufferEvent(state, event);
      break;
    case 'run_rolling_back':
      state.status = 'rolling_back';
      state.undoing.splice(0, state.undoing.length, ...undoOrder(state).reverse());
      break;
    case 'run_reopened':
      reopen(state, event.reset, event.at);
      if (event.version !== undefined) state.version = event.version;
      if (event.kind === 'restart' && event.from_step === null) state.events.clear();
      break;
    case 'run_forked':
      state.forked = { run: event.from_run, fromStep: event.from_step, kept: new Set(event.kept) };
      break;
    case 'run_trial':
      state.trial = { target: event.target, pinned: new Set(event.pinned), reused: new Set(event.reused) };
      break;
    case 'run_completed':
      state.status = event.status;
      state.output = event.output;
      state.error = event.error;
      state.endedAt = event.at;
      for (const scope of state.busy) scope.agenda.clear();
      state.busy.clear();
      state.timers.length = 0;
      break;
    case 'step_called':
    case 'step_started':
    case 'step_completed':
    case 'step_failed':
    case 'step_retrying':
    case 'step_skipped':
    case 'step_cancelled':
    case 'step_waiting':
    case 'loop_opened':
    case 'loop_stopping':
    case 'condition_evaluated':
    case 'wait_examined':
    case 'step_log':
    case 'step_progress':
    case 'step_emitted':
    case 'step_undoing':
    case 'step_undone':
      applyStepEvent(state, event);
      break;
    default:
      event satisfies never;
  }
  refreshStatus(state);
  return state;
}

/** `waiting` has no event of its own: it is a running run in which nothing runs here and nothing is to be done. */
export function refreshStatus(state: RunState): void {
  if (state.status !== 'running' && state.status !== 'waiting') return;
  const idle = state.inFlight === state.away && state.busy.size === 0 && !state.pauseDue && state.cancel === null;
  state.status = idle && state.waiting + state.away > 0 ? 'waiting' : 'running';
}

function setDeadline(state: RunState, from: number): void {
  state.deadline = state.timeout === null ? null : from + state.timeout;
}

/** What was due and has not been looked at yet: the pause comes first, and its time is due again when the run goes on. */
function unringTimers(state: RunState, now: number): void {
  for (const scope of [...state.busy]) {
    for (const step of [...scope.agenda]) {
      const { at } = stepAt(scope, step);
      const due = at.loop === null ? at.waiting?.wakeAt : at.loop.deadline;
      if (due == null || due > now || (at.loop === null && at.status === 'pending')) continue;
      pushTimer(state.timers, { at: due, scope, step });
      if (at.loop === null || !needsLook(scope, at.loop)) strike(scope, step);
    }
  }
}

/**
 * The time spent paused is added to pending sleeps and limits. One distance for all keeps the heap's order, and what was due
 * before is due after. Waits that are being looked at have no timer, so the steps are asked and not the heap.
 */
function shiftTimers(state: RunState, by: number): void {
  if (by === 0) return;
  if (state.deadline !== null) state.deadline += by;
  for (const timer of state.timers) timer.at += by;
  for (const scope of scopesOf(state)) {
    for (const at of scope.steps) {
      if (at.waiting !== null) at.waiting = shiftWait(at.waiting, by);
      if (at.loop?.deadline != null && isIterating(at)) at.loop.deadline += by;
    }
  }
}

function shiftWait(waiting: Waiting, by: number): Waiting {
  const { kind, wakeAt, data } = waiting;
  const later = wakeAt === null ? waiting : { ...waiting, wakeAt: wakeAt + by };
  // What wakes a condition is its next look; how long it may take stands in its data.
  if (kind !== 'condition' || !isJsonObject(data) || typeof data.until !== 'number') return later;
  return { ...later, data: { ...data, until: data.until + by } };
}

function reopen(state: RunState, reset: readonly string[], at: number): void {
  shiftTimers(state, at - (state.pause?.since ?? at));
  Object.assign(state, { pause: null, cancel: null, pauseDue: false, stopsHandedOut: false, output: null, endedAt: null });
  state.undoing.length = 0;
  state.status = 'running';
  state.startedAt ??= at;
  setDeadline(state, at);
  const { forked } = state;
  const again = new Set(reset);
  if (forked !== null) state.forked = { ...forked, kept: new Set([...forked.kept].filter((id) => !again.has(id))) };
  resetSteps(state, reset);
}
