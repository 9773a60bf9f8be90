import { z } from 'zod';
import { JsonShape, Time } from '#lib/contracts/contract.ts';
import type { RunEvent } from '#lib/engine/events.ts';

/** Members of an event that are moments: milliseconds inside, ISO 8601 on the wire. */
const MOMENTS = ['started_at', 'retry_at', 'wake_at'] as const;

/**
 * An event as streams send it: the SSE `event:` name is `type`, the SSE `id:` is `seq`. Members beyond the common ones
 * depend on the type and are those of the engine's event, in the same words.
 */
export const WireEvent = z
  .looseObject({
    type: z.string(),
    seq: z.int(),
    run_id: z.string(),
    timestamp: Time,
    step_id: z.string().optional().meta({ description: 'Key of the step; inside a loop `each[3].fetch`' }),
    output: JsonShape.optional(),
  })
  .meta({ id: 'RunEvent' });
export type WireEvent = z.infer<typeof WireEvent>;

/** An engine event in its wire form. */
export function toWireEvent(runId: string, event: RunEvent): WireEvent {
  const { at, ...rest } = event;
  const wire: Record<string, unknown> = { ...rest, run_id: runId, timestamp: new Date(at).toISOString() };
  if ('step' in event) {
    delete wire.step;
    wire.step_id = event.step;
  }
  for (const key of MOMENTS) {
    if (typeof wire[key] === 'number') wire[key] = new Date(wire[key]).toISOString();
  }
  if ('started_at' in event && event.started_at !== null) wire.duration_seconds = (at - event.started_at) / 1000;
  return wire as WireEvent;
}

/** The engine event of a wire form: what a browser folds. The inverse of `toWireEvent`. */
export function fromWireEvent(wire: WireEvent): RunEvent {
  const { run_id: _run, timestamp, step_id: step, ...rest } = wire;
  const event: Record<string, unknown> = { ...rest, at: Date.parse(timestamp) };
  if (step !== undefined) event.step = step;
  for (const key of MOMENTS) {
    if (typeof event[key] === 'string') event[key] = Date.parse(event[key]);
  }
  if (event.type !== 'run_completed') delete event.duration_seconds;
  return event as unknown as RunEvent;
}
