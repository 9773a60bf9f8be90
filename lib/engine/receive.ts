import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { childEnded } from './child-end.ts';
import { goesOn, goOn } from './go-on.ts';
import type { Message } from './message.ts';
import { remoteReport } from './remote.ts';
import { placeOf, stepAt, stepState } from './scope.ts';
import { isFinal, type RunState, type StepState } from './state.ts';
import { completed, failed, takesBranch } from './wait-questions.ts';

/**
 * What a message means for its run: the events to record, before `advance` is asked. None for what comes too late. The
 * message is then read, whatever the answer.
 */
export function receive(state: RunState, message: Message, now: number): NewRunEvent[] {
  if (isFinal(state.status)) return [];
  switch (message.kind) {
    case 'event':
      return externalEvent(message.payload, now);
    case 'decision':
      return decision(state, message, now);
    case 'child':
      return message.step === null ? [] : childEnd(state, message.step, message.payload, now);
    case 'remote':
      return remoteReport(state, message, now);
    default:
      // A message of a newer version, which has shared this database: what it asks for is not known here.
      message.kind satisfies never;
      return [];
  }
}

/** The end of a run for the step that waits for it: its own end, or what it goes on with. */
function childEnd(state: RunState, key: string, payload: Json, now: number): NewRunEvent[] {
  const ended = childEnded(state, key, payload, now);
  const at = stepState(state, key);
  if (ended === null || at === undefined) return [];
  return at.waiting !== null && goesOn(at.waiting) && isJsonObject(payload) ? goOn(key, at, payload, now) : [ended];
}

function externalEvent(payload: Json, now: number): NewRunEvent[] {
  if (!isJsonObject(payload) || typeof payload.event_type !== 'string') return [];
  return [{ type: 'event_received', event_type: payload.event_type, payload: payload.payload ?? null, at: now }];
}

/** Names one wait of a step: another attempt, or one after a restart, has another. */
export function waitToken(at: Pick<StepState, 'execution' | 'attempt'>): string {
  return `${at.execution}.${at.attempt}`;
}

function decision(state: RunState, message: Message, now: number): NewRunEvent[] {
  const place = message.step === null ? undefined : placeOf(state, message.step);
  if (place === undefined || message.step === null || !isJsonObject(message.payload)) return [];
  const { step, at } = stepAt(place.scope, place.index);
  if (at.status !== 'waiting' || at.waiting?.kind !== 'approval' || message.token !== waitToken(at)) return [];
  const { payload } = message;
  if (goesOn(at.waiting)) return goOn(message.step, at, payload, now);
  if (payload.decision === 'approved') return [completed(message.step, at, payload, now, 'approved')];
  if (takesBranch(step, 'rejected')) return [completed(message.step, at, payload, now, 'rejected')];
  return [failed(message.step, at, { code: 'APPROVAL_REJECTED', message: rejection(payload), data: payload }, now)];
}

function rejection({ decided_by: by, comment }: JsonObject): string {
  const who = isJsonObject(by) && typeof by.name === 'string' ? ` by ${by.name}` : '';
  return typeof comment === 'string' && comment !== '' ? `Rejected${who}: ${comment}` : `Rejected${who}`;
}
