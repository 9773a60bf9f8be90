import { z } from 'zod';
import { contract, Id, Time } from '#lib/contracts/contract.ts';

const RunParams = z.object({ run_id: Id });

export const Delivery = z
  .object({
    id: z.string(),
    type: z.string().meta({ examples: ['run.completed'] }),
    url: z.string(),
    status: z.enum(['pending', 'delivered', 'failed']),
    next_attempt_at: Time.nullable(),
    created_at: Time,
    delivered_at: Time.nullable(),
    attempts: z.array(
      z.object({
        number: z.int(),
        at: Time,
        duration_seconds: z.number(),
        status_code: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

export const listDeliveries = contract({
  operation: 'listDeliveries',
  method: 'GET',
  path: '/api/workflows/runs/{run_id}/deliveries',
  tag: 'Runs',
  permission: 'runs:read',
  status: 200,
  summary: 'List the callbacks of a run',
  description: 'What was sent to its `callback_url`, or is to be sent, with every attempt. Newest first.',
  params: RunParams,
  answer: z.object({ deliveries: z.array(Delivery), total: z.int() }),
  errors: ['not_found'],
});

export const redeliver = contract({
  operation: 'redeliver',
  method: 'POST',
  path: '/api/workflows/runs/{run_id}/deliveries/{delivery_id}/retry',
  tag: 'Runs',
  permission: 'runs:write',
  status: 202,
  summary: 'Send a callback again',
  description: 'At once and with the same `webhook-id`, whatever became of it before.',
  params: RunParams.extend({ delivery_id: Id }),
  bodyOptional: true,
  answer: z.object({ delivery_id: z.string() }),
  errors: ['not_found'],
});

const SigningSecret = z
  .object({
    secret: z.string().meta({ description: 'For the verification of Standard Webhooks' }),
    rotated_at: Time.nullable(),
    previous_valid_until: Time.nullable().meta({ description: 'Until then the secret before signs beside this one' }),
  })
  .meta({ id: 'SigningSecret' });

export const getSigningSecret = contract({
  operation: 'getSigningSecret',
  method: 'GET',
  path: '/api/signing-secret',
  tag: 'Callbacks',
  permission: 'keys:manage',
  status: 200,
  summary: 'Get the signing secret',
  description: 'Callbacks are signed with it per Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.',
  answer: SigningSecret,
  errors: ['unavailable'],
});

export const rotateSigningSecret = contract({
  operation: 'rotateSigningSecret',
  method: 'POST',
  path: '/api/signing-secret/rotate',
  tag: 'Callbacks',
  permission: 'keys:manage',
  status: 200,
  summary: 'Rotate the signing secret',
  description: 'For 24 hours callbacks carry two signatures, one of each secret.',
  bodyOptional: true,
  answer: SigningSecret,
  errors: ['unavailable'],
});
