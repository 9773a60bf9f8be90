import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { WaitKind } from '#lib/engine/events.ts';
import { waitToken } from './receive.ts';
import { keyOf, stepState } from './scope.ts';
import { isFinal, type RunState, type StepState, scopesOf } from './state.ts';

/** A wait that somebody outside may answer, as lists show it. */
export interface OpenWait {
  readonly step: string;
  readonly attempt: number;
  readonly kind: WaitKind;
  readonly token: string;
  readonly wakeAt: number | null;
  readonly since: number;
  /** Of an event: its type. */
  readonly matchKey: string | null;
  readonly data: Json;
}

/** Kinds that somebody outside ends. */
const ANSWERED: readonly string[] = ['event', 'approval', 'child', 'remote'] satisfies WaitKind[];

/** The open wait of a step, null where it has none. */
export function openWait(state: RunState, key: string): OpenWait | null {
  const at = stepState(state, key);
  return at === undefined || isFinal(state.status) ? null : waitOf(key, at);
}

/** All open waits of a run, those inside loops too. */
export function openWaits(state: RunState): OpenWait[] {
  if (isFinal(state.status)) return [];
  const found: OpenWait[] = [];
  for (const scope of scopesOf(state)) {
    for (const [index, at] of scope.steps.entries()) {
      const wait = at.waiting === null ? null : waitOf(keyOf(scope, index), at);
      if (wait !== null) found.push(wait);
    }
  }
  return found;
}

function waitOf(key: string, at: StepState): OpenWait | null {
  const { waiting } = at;
  if (waiting === null || !ANSWERED.includes(waiting.kind) || (at.status !== 'waiting' && at.status !== 'queued')) return null;
  const { wakeAt, since, data } = waiting;
  const eventType = waiting.kind === 'event' && isJsonObject(data) && typeof data.event_type === 'string' ? data.event_type : null;
  return { step: key, attempt: at.attempt, kind: waiting.kind as WaitKind, token: waitToken(at), wakeAt, since, matchKey: eventType, data };
}
