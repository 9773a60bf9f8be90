import { z } from 'zod';
import { Duration } from '#lib/workflow/definition.ts';

const Kept = Duration.nullable().default(null).meta({ description: 'Null: for ever' });

/** How long ended runs are kept, by how they ended. */
export const Retention = z
  .strictObject({
    success: Kept.meta({ description: 'Completed runs: seconds, or text such as "7 days"; null for ever' }),
    error: Kept.meta({ description: 'Failed and cancelled runs' }),
  })
  .meta({ id: 'Retention', examples: [{ success: '7 days', error: '30 days' }] });
