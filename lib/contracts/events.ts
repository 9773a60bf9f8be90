import { z } from 'zod';
import { contract, Id, JsonShape } from '#lib/contracts/contract.ts';

/** Bytes that the payload of an event may have. */
export const MAX_EVENT_BYTES = 1024 * 1024;

export const sendEvent = contract({
  operation: 'sendEvent',
  method: 'POST',
  path: '/api/workflows/runs/{run_id}/events/{event_type}',
  tag: 'Runs',
  permission: 'runs:write',
  status: 202,
  summary: 'Send an event to a run',
  description:
    'The body is the payload: any JSON, up to 1 MiB. An event that nothing waits for yet is kept, first in first out per type, and goes to the first wait that it fits; so is one that comes while the run is paused. With an `Idempotency-Key` the same event is taken once. A finished run answers 409.',
  params: z.object({ run_id: Id, event_type: z.string().min(1).max(100, 'An event type has 1 to 100 characters') }),
  bodyOptional: true,
  maxBody: MAX_EVENT_BYTES,
  body: JsonShape,
  answer: z.object({ run_id: z.string(), event_type: z.string() }),
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { order_id: 'A-17', paid: true },
});
