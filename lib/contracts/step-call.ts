import { z } from 'zod';
import { JsonShape } from '#lib/contracts/contract.ts';
import { CALL_KINDS } from '#lib/workflow/graph.ts';

/** Of a step that code asked for while it ran. */
export const StepCall = z
  .object({ by: z.string(), kind: z.enum(CALL_KINDS), name: z.string(), count: z.int(), config: z.record(z.string(), JsonShape) })
  .meta({ description: 'Of a step that code asked for while it ran: the step whose code it was, and what it said' });
