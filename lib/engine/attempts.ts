import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent, RunError, RunEvent } from '#lib/engine/events.ts';
import { rootOfKey } from '#lib/workflow/step-key.ts';

/** One try of a step. Times are milliseconds since the epoch. */
export interface AttemptRecord {
  /** From 1 within its execution; a take-over after a crash counts too. */
  readonly attempt: number;
  /** 1, and one more with each deliberate re-run (resume from a step, restart). */
  readonly execution: number;
  readonly startedAt: number;
  /** Null while it runs. */
  readonly endedAt: number | null;
  /** Null while it runs. */
  readonly success: boolean | null;
  readonly error: RunError | null;
}

type Open = { -readonly [Key in keyof AttemptRecord]: AttemptRecord[Key] };

/** Every attempt of every step, by step key, in order. A step that failed before it began (its condition, its expiry) has none. */
export function attemptsOf(events: Iterable<RunEvent | NewRunEvent>): Map<string, AttemptRecord[]> {
  const attempts = collectAttempts();
  for (const event of events) attempts.take(event);
  return attempts.found;
}

/** The attempts as far as events were taken in, for a reader that goes on later. */
export interface Attempts {
  readonly found: Map<string, AttemptRecord[]>;
  take(event: RunEvent | NewRunEvent): void;
}

export function collectAttempts(): Attempts {
  const found = new Map<string, Open[]>();
  const executions = new Map<string, number>();
  const listOf = (key: string): Open[] => {
    let list = found.get(key);
    if (list === undefined) {
      list = [];
      found.set(key, list);
    }
    return list;
  };
  /** The attempt that runs, made where its start has no event of its own. */
  const running = (key: string, attempt: number, startedAt: number): Open => {
    const list = listOf(key);
    const last = list.at(-1);
    const execution = executions.get(key) ?? executions.get(rootOfKey(key)) ?? 1;
    if (last?.endedAt === null) {
      if (last.attempt === attempt && last.execution === execution) return last;
      end(last, startedAt, false, LOST);
    }
    const made: Open = { attempt, execution, startedAt, endedAt: null, success: null, error: null };
    list.push(made);
    return made;
  };
  /** Of a fork: what it was given did not run here. */
  let given = new Set<string>();
  /** These steps, and what is inside of them, run again. */
  const reset = (ids: ReadonlySet<string>, at: number): void => {
    for (const [key, list] of found) {
      const last = list.at(-1);
      if (!ids.has(rootOfKey(key))) continue;
      if (last?.endedAt === null) end(last, at, false, CANCELLED);
      if (!ids.has(key)) executions.delete(key);
    }
    for (const id of ids) {
      given.delete(id);
      executions.set(id, (executions.get(id) ?? 1) + 1);
    }
  };
  const take = (event: RunEvent | NewRunEvent): void => {
    if ('step' in event && given.has(event.step)) return;
    switch (event.type) {
      case 'step_started':
        executions.set(event.step, event.execution);
        running(event.step, event.attempt, event.at);
        break;
      case 'step_waiting':
        if (event.kind === 'go_on') end(running(event.step, event.attempt, event.at), event.at, true, null);
        else if (event.kind === 'remote') lost(listOf(event.step).at(-1), event.at);
        else if (event.kind === 'code') leave(listOf(event.step).at(-1), event.data, event.at);
        else running(event.step, event.attempt, event.at);
        break;
      case 'step_completed':
        end(running(event.step, event.attempt, event.started_at), event.at, true, null);
        break;
      case 'step_retrying':
        end(running(event.step, event.attempt, event.started_at), event.at, false, event.error);
        break;
      case 'step_failed':
        if (event.started_at !== null) end(running(event.step, event.attempt, event.started_at), event.at, false, event.error);
        break;
      case 'step_cancelled': {
        const last = found.get(event.step)?.at(-1);
        if (last?.endedAt === null) end(last, event.at, false, CANCELLED);
        break;
      }
      case 'run_forked':
        given = new Set(event.kept);
        break;
      case 'run_trial':
        given = new Set([...event.pinned, ...event.reused]);
        break;
      case 'run_reopened':
        reset(new Set(event.reset), event.at);
        break;
      default:
        break;
    }
  };
  return { found, take };
}

const LOST: RunError = { code: 'WORKER_CRASHED', message: 'Its worker died or lost the run; the step was taken over' };
const CANCELLED: RunError = { code: 'STEP_CANCELLED', message: 'The step was cancelled' };

/** Offered again while it ran: the worker that executed it died. */
function lost(attempt: Open | undefined, at: number): void {
  if (attempt?.endedAt === null) end(attempt, at, false, LOST);
}

/** Code that is parked has done what it could; a step of it was cut off when the worker of its code died, or is due again. */
function leave(attempt: Open | undefined, data: Json | undefined, at: number): void {
  if (attempt?.endedAt !== null) return;
  if (data !== undefined && isJsonObject(data) && data.lost === true) end(attempt, at, false, LOST);
  else end(attempt, at, true, null);
}

function end(attempt: Open, at: number, success: boolean, error: RunError | null): void {
  attempt.endedAt = at;
  attempt.success = success;
  attempt.error = error;
}
