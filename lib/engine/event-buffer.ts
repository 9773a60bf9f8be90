import type { NewRunEvent } from '#lib/engine/events.ts';
import type { RunState } from './state.ts';

/** Events from outside wait here, first in first out per type, until a wait takes them. */
export function bufferEvent(state: RunState, event: Extract<NewRunEvent, { type: 'event_received' }>): void {
  const one = { nr: ++state.eventsReceived, payload: event.payload, at: event.at };
  const kept = state.events.get(event.event_type);
  if (kept === undefined) state.events.set(event.event_type, [one]);
  else kept.push(one);
}
