import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';

/**
 * A step of a queue that its run's owner does not serve is offered to the workers that do. The run waits for it meanwhile.
 * `token` is of this offer alone: what is reported for an earlier one comes too late.
 */
export function offered(step: GraphStep, key: string, attempt: number, token: string, now: number): NewRunEvent {
  // Looked at again when it may no longer start.
  const wakeAt = step.goodUntil === null ? null : step.goodUntil + 1;
  const data = { queue: step.queue, token };
  return { type: 'step_waiting', step: key, attempt, kind: 'remote', wake_at: wakeAt, data, at: now };
}

/** The token of an offer, from its event's data. */
export function offerOf(data: Json | undefined): string {
  return data !== undefined && isJsonObject(data) && typeof data.token === 'string' ? data.token : '';
}
