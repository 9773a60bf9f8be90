import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import type { Message } from './message.ts';
import { isFinal, type RunState } from './state.ts';

/**
 * What a message means for its run: the events to record, before `advance` is asked. None for what comes too late. The
 * message is then read, whatever the answer.
 */
export function receive(state: RunState, message: Message, now: number): NewRunEvent[] {
  if (isFinal(state.status)) return [];
  switch (message.kind) {
    case 'event':
      return externalEvent(message.payload, now);
    default:
      // A message of a newer version, which has shared this database: what it asks for is not known here.
      message.kind satisfies never;
      return [];
  }
}

function externalEvent(payload: Json, now: number): NewRunEvent[] {
  if (!isJsonObject(payload) || typeof payload.event_type !== 'string') return [];
  return [{ type: 'event_received', event_type: payload.event_type, payload: payload.payload ?? null, at: now }];
}
