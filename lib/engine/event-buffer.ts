import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { enlist, placeOf, stepState } from './scope.ts';
import type { BufferedEvent, RunState, StepState } from './state.ts';

/**
 * Events from outside, and the waits that want them.
 *
 *     event_received ─▶ buffer of its type, first in first out ─▶ the first wait that it fits ─▶ step_completed {event}
 *
 * Waits of a type are asked in the order in which they began. One with a match expression looks at event after event; what
 * it has not looked at yet is not given to a wait behind it, so the first fitting wait gets the event however long its
 * expression takes. What fits none stays. All of it follows from the journal.
 */

/** What a wait for an event awaits. */
interface Wanted {
  readonly type: string;
  /** Expression, null where every event of the type will do. */
  readonly match: string | null;
}

/** What is next for a wait: take an event, or look whether it fits. */
export interface Offer {
  readonly event: BufferedEvent;
  /** Null: it is the wait's. */
  readonly match: string | null;
}

export function bufferEvent(state: RunState, event: Extract<NewRunEvent, { type: 'event_received' }>): void {
  const one = { nr: ++state.eventsReceived, type: event.event_type, payload: event.payload, at: event.at };
  const kept = state.events.get(one.type);
  if (kept === undefined) state.events.set(one.type, [one]);
  else kept.push(one);
  offerEvents(state, one.type);
}

/** A step now waits for an event. */
export function awaitEvent(state: RunState, key: string, at: StepState): void {
  const wanted = wantedBy(at);
  if (wanted === null) return;
  const waits = state.eventWaits.get(wanted.type) ?? new Set();
  waits.delete(key); // A step that waits again stands behind the others.
  waits.add(key);
  state.eventWaits.set(wanted.type, waits);
  offerEvents(state, wanted.type);
}

/** A wait has taken an event. */
export function takeEvent(state: RunState, nr: number): void {
  for (const [type, kept] of state.events) {
    const index = kept.findIndex((one) => one.nr === nr);
    if (index < 0) continue;
    kept.splice(index, 1);
    if (kept.length === 0) state.events.delete(type);
    return;
  }
}

/** Puts the waits that an event is there for on the agenda. Called when an event, a wait or an answer came, or a wait ended. */
export function offerEvents(state: RunState, type: string): void {
  for (const { key } of offersOf(state, type)) {
    const place = placeOf(state, key);
    if (place !== undefined) enlist(place.scope, place.index);
  }
}

/** What is next for the wait of this step, null for nothing. */
export function offerFor(state: RunState, key: string, at: StepState): Offer | null {
  const wanted = wantedBy(at);
  if (wanted === null) return null;
  for (const offer of offersOf(state, wanted.type)) if (offer.key === key) return offer;
  return null;
}

/** What is next for each wait of a type. Costs the waits before the last that gets something, and no more. */
function* offersOf(state: RunState, type: string): Generator<Offer & { readonly key: string }> {
  const kept = state.events.get(type);
  const waits = state.eventWaits.get(type);
  if (kept === undefined || waits === undefined) return;
  const free = [...kept];
  for (const key of waits) {
    if (free.length === 0) return;
    const at = stepState(state, key);
    const wanted = at === undefined ? null : wantedBy(at);
    if (at === undefined || wanted?.type !== type) {
      waits.delete(key);
      continue;
    }
    const index = nextFor(at, wanted, free);
    const event = free[index];
    if (event === undefined) continue;
    const isTaken = wanted.match === null || at.waiting?.fits === event.nr;
    // Behind what this wait has still to look at, everything is its own to look at first.
    free.splice(index, isTaken ? 1 : free.length);
    if (at.taken === null) yield { key, event, match: isTaken ? null : wanted.match };
  }
}

function nextFor(at: StepState, wanted: Wanted, free: readonly BufferedEvent[]): number {
  if (wanted.match === null) return 0;
  const fitting = free.findIndex((one) => one.nr === at.waiting?.fits);
  return fitting >= 0 ? fitting : free.findIndex((one) => one.nr > (at.waiting?.judged ?? 0));
}

function wantedBy(at: StepState): Wanted | null {
  if (at.status !== 'waiting' || at.waiting?.kind !== 'event') return null;
  const data: Json = at.waiting.data;
  if (!isJsonObject(data) || typeof data.event_type !== 'string') return null;
  return { type: data.event_type, match: typeof data.match === 'string' ? data.match : null };
}

/** The type of event that a step waits for, null where it waits for none. */
export function awaitedType(at: StepState): string | null {
  return wantedBy(at)?.type ?? null;
}
