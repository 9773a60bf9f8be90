import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import type { StepState, Waiting } from './state.ts';

/** Name of the event that keeps for a step what ended its wait. */
export const DECIDED_EVENT = 'decided';

/** True for the wait of a step that goes on afterwards: it is not over when the wait is, but begins again and finds the answer. */
export function goesOn(waiting: Waiting): boolean {
  return isJsonObject(waiting.data) && waiting.data.goes_on === true;
}

/**
 * The answer to a wait of such a step: kept as an event, with what the step `asked` (its own words), and the step's next
 * attempt at once. It counts as no retry.
 */
export function goOn(key: string, at: StepState, answer: Readonly<Record<string, Json>>, now: number): NewRunEvent[] {
  const asked = at.waiting !== null && isJsonObject(at.waiting.data) ? (at.waiting.data.asked ?? null) : null;
  const base = { step: key, attempt: at.attempt, at: now };
  return [
    { ...base, type: 'step_emitted', name: DECIDED_EVENT, data: { ...answer, asked } },
    { ...base, type: 'step_waiting', kind: 'go_on', wake_at: now },
  ];
}
