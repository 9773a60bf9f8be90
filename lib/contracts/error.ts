import { z } from 'zod';
import { ERROR_CODES } from '#lib/base/errors.ts';
import { JsonShape } from '#lib/contracts/contract.ts';

export const ProblemShape = z
  .object({
    step: z.string().optional(),
    path: z.string().meta({ description: 'JSON Pointer into the checked document', examples: ['/steps/0/config/url'] }),
    code: z.string(),
    message: z.string(),
  })
  .meta({ id: 'Problem' });

/** The one body of every refusal on our own surfaces. */
export const ErrorBody = z
  .object({
    error: z.enum(ERROR_CODES),
    message: z.string(),
    status: z.int(),
    details: z.array(ProblemShape),
    request_id: z.string(),
    data: JsonShape.optional().meta({ description: 'What is needed to go on, such as the current draft in a conflict' }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof ErrorBody>;
