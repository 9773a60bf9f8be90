import type { NewRunEvent, RunEvent } from '#lib/engine/events.ts';
import { idOfKey } from '#lib/workflow/step-key.ts';
import { callStep, tellCode } from './called-steps.ts';
import { mark } from './counters.ts';
import { awaitEvent, awaitedType, offerEvents, takeEvent } from './event-buffer.ts';
import { answerLoop, openLoop, stopLoop } from './loop.ts';
import { isSettled } from './readiness.ts';
import { offerOf } from './remote-offer.ts';
import { enlist, scopeOfKey, stepAt, strike } from './scope.ts';
import { changeStatus, noteFailure, touch } from './spread.ts';
import type { RunState, StepState, Waiting } from './state.ts';
import { pushTimer } from './timers.ts';

/**
 * What one step's event changes.
 *
 *     pending ─▶ queued ─▶ running ⇄ waiting ─▶ completed | failed | cancelled
 *        └──────────────────────────────────▶ skipped | failed (never started) | completed (one row for start and end)
 */

/** More lines of one step are dropped from the front; the journal keeps them all. */
const MAX_LOG_LINES = 1000;

type AnyStepEvent = Extract<RunEvent | NewRunEvent, { readonly step: string }>;
/** Of a step that the run has already. */
type StepEvent = Exclude<AnyStepEvent, { readonly type: 'step_called' }>;

export function applyStepEvent(state: RunState, event: AnyStepEvent): void {
  if (event.type === 'step_called') {
    callStep(state, event);
    return;
  }
  const scope = scopeOfKey(state, event.step);
  const step = scope?.graph.byId.get(scope === state ? event.step : idOfKey(event.step));
  if (scope === undefined || step === undefined) return;
  const { index } = step;
  const { at } = stepAt(scope, index);
  if (isStale(at, event)) return;
  const awaited = awaitedType(at);
  // Its code's executor does its work.
  if (step.call !== null && event.type === 'step_started') at.remote = stepAt(scope, step.call.by).at.remote;
  record(state, at, event);
  const status = statusAfter(at, event);
  if (status !== null) changeStatus(scope, index, status);
  // Not before: the counters go by it. Its next attempt begins wherever it is then.
  if (status === 'waiting' && at.waiting?.kind !== 'remote') at.remote = null;
  switch (event.type) {
    case 'step_failed':
      if (noteFailure(scope, step, event.error) && scope === state && state.graph.onError === 'pause' && canPause(state))
        state.pauseDue = true;
      break;
    case 'step_waiting':
    case 'step_retrying':
      if (at.waiting?.wakeAt != null) pushTimer(state.timers, { at: at.waiting.wakeAt, scope, step: index });
      awaitEvent(state, event.step, at);
      state.stopsHandedOut = false; // While cancelling: what waits is cancelled without asking anybody.
      break;
    case 'loop_opened':
      openLoop(scope, index, event);
      break;
    case 'loop_stopping':
      stopLoop(scope, index, event);
      break;
    case 'condition_evaluated':
      if (event.condition === 'while' || event.condition === 'break_when') {
        answerLoop(scope, index, event);
        break;
      }
      mark(scope, index, { taken: null });
      touch(scope, index);
      break;
    case 'wait_examined':
      mark(scope, index, { taken: null });
      // A time that ran out meanwhile found it busy.
      if (at.waiting?.wakeAt != null) pushTimer(state.timers, { at: at.waiting.wakeAt, scope, step: index });
      // Of an event: what is left to look at is offered below, and where nothing is, the run waits.
      if (event.event === null) enlist(scope, index);
      else strike(scope, index);
      break;
    case 'step_undone':
      mark(scope, index, { taken: null });
      if (event.error !== undefined) state.undoing.length = 0;
      else if (state.undoing.lastIndexOf(event.step) >= 0) state.undoing.splice(state.undoing.lastIndexOf(event.step), 1);
      break;
    default:
      break;
  }
  // Those behind it may now look at what it had first claim to.
  if (awaited !== null) offerEvents(state, awaited);
  tellCode(scope, index);
}

function canPause(state: RunState): boolean {
  return state.cancel === null && (state.status === 'running' || state.status === 'waiting');
}

/** True for what comes after the step's end, or from an attempt that another has replaced. */
function isStale(at: StepState, event: StepEvent): boolean {
  if (event.type === 'step_undoing' || event.type === 'step_undone' || event.type === 'step_log') return false;
  if (isSettled(at.status)) return true;
  return 'attempt' in event && event.attempt > 0 && event.attempt < at.attempt;
}

function statusAfter(at: StepState, event: StepEvent): StepState['status'] | null {
  switch (event.type) {
    case 'step_started':
    case 'loop_opened':
      return 'running';
    case 'step_completed':
      return 'completed';
    case 'step_failed':
      return 'failed';
    case 'step_skipped':
      return 'skipped';
    case 'step_cancelled':
      return 'cancelled';
    case 'step_retrying':
      return 'waiting';
    case 'step_waiting':
      return event.kind === 'remote' && at.firstStartedAt === null ? 'queued' : 'waiting';
    default:
      return null;
  }
}

function record(state: RunState, at: StepState, event: StepEvent): void {
  switch (event.type) {
    case 'step_started':
      beginAttempt(state, at, event.attempt, event.at);
      at.execution = event.execution;
      at.input = event.input;
      at.waiting = null;
      break;
    case 'step_completed':
      beginAttempt(state, at, event.attempt, event.started_at);
      if (event.event !== undefined) takeEvent(state, event.event);
      at.output = event.output;
      at.branch = event.branch ?? null;
      at.error = null;
      end(at, event.at);
      break;
    case 'step_failed':
      if (event.started_at !== null) beginAttempt(state, at, event.attempt, event.started_at);
      at.error = event.error;
      end(at, event.at);
      break;
    case 'step_retrying':
      beginAttempt(state, at, event.attempt, event.started_at);
      at.error = event.error;
      at.retries++;
      at.waiting = { kind: 'retry', since: event.at, wakeAt: event.retry_at, data: null };
      break;
    case 'step_waiting':
      if (event.kind === 'remote') at.remote = offerOf(event.data);
      if (event.kind !== 'remote') beginAttempt(state, at, event.attempt, event.at);
      at.waiting = waitingOf(event);
      break;
    case 'loop_opened':
      beginAttempt(state, at, event.attempt, event.started_at);
      at.waiting = null;
      break;
    case 'step_skipped':
      at.skipReason = event.reason;
      end(at, event.at);
      break;
    case 'step_cancelled':
      end(at, event.at);
      break;
    case 'condition_evaluated':
      if (event.condition === 'while' || event.condition === 'break_when') break; // Its loop's.
      if (event.read !== undefined) at.reads = { ...at.reads, [event.condition]: event.read };
      if (event.error !== undefined) at.conditionError = event.error;
      else if (event.condition === 'skip_when') at.skipWhen = event.value ?? false;
      else if (event.condition === 'run_when') at.runWhen = event.value ?? false;
      break;
    case 'wait_examined':
      if (at.waiting !== null) at.waiting = examined(at.waiting, event);
      if (event.event === null && event.error !== undefined) at.conditionError = event.error;
      break;
    case 'step_progress':
      at.progress = event.progress;
      break;
    case 'step_undoing':
      at.undo = 'running';
      break;
    case 'step_undone':
      at.undo = event.error === undefined ? 'done' : 'failed';
      at.undoError = event.error ?? null;
      break;
    case 'step_log':
      appendLog(state, event.step, event.lines);
      break;
    case 'loop_stopping':
      break; // Its loop's.
    case 'step_emitted':
      break; // For streams alone.
    default:
      event satisfies never;
  }
}

function waitingOf(event: Extract<StepEvent, { type: 'step_waiting' }>): Waiting {
  return { kind: event.kind, since: event.at, wakeAt: event.wake_at, data: event.data ?? null };
}

function examined(waiting: Waiting, event: Extract<StepEvent, { type: 'wait_examined' }>): Waiting {
  if (event.event === null) return { ...waiting, met: event.value ?? false };
  return { ...waiting, judged: event.event, ...(event.value === true ? { fits: event.event } : {}) };
}

function beginAttempt(state: RunState, at: StepState, attempt: number, startedAt: number): void {
  if (at.attempt === attempt && at.startedAt !== null) return;
  if (at.attempt !== attempt) at.loop = null;
  at.attempt = attempt;
  at.startedAt = startedAt;
  at.firstStartedAt ??= startedAt;
  at.progress = null;
  if (at.order === 0) at.order = ++state.started;
}

function end(at: StepState, endedAt: number): void {
  at.endedAt = endedAt;
  at.waiting = null;
}

function appendLog(state: RunState, key: string, lines: readonly string[]): void {
  const kept = state.logs.get(key);
  if (kept === undefined) {
    state.logs.set(key, lines.slice(-MAX_LOG_LINES));
    return;
  }
  for (const line of lines) kept.push(line);
  if (kept.length > MAX_LOG_LINES) kept.splice(0, kept.length - MAX_LOG_LINES);
}
