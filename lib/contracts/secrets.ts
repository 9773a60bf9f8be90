import { z } from 'zod';
import { contract, Time } from '#lib/contracts/contract.ts';

/** Shorter values can't be told from ordinary text, so they could not be kept out of logs. */
export const SECRET_VALUE_MIN = 8;
const SECRET_VALUE_MAX = 32_768;

const SecretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'Letters, digits and _, and no digit first')
  .meta({ examples: ['STRIPE_KEY'] });

export const SecretRow = z
  .object({
    name: z.string(),
    description: z.string(),
    created_at: Time,
    updated_at: Time,
    created_by: z.string(),
  })
  .meta({ id: 'SecretRow' });
export type SecretRow = z.infer<typeof SecretRow>;

/** Whoever draws workflows may see what secrets there are called; their values nobody. */
export const listSecrets = contract({
  operation: 'listSecrets',
  method: 'GET',
  path: '/api/secrets',
  tag: 'Secrets',
  permission: 'workflows:read',
  status: 200,
  summary: 'List secrets',
  description: 'Names and descriptions. Values are write-only: no call answers them.',
  answer: z.object({ secrets: z.array(SecretRow), total: z.int() }),
});

export const putSecret = contract({
  operation: 'putSecret',
  method: 'PUT',
  path: '/api/secrets/{name}',
  tag: 'Secrets',
  permission: 'secrets:manage',
  status: 200,
  summary: 'Set a secret',
  description:
    'Creates it, or replaces its value. A step reads it as `{{ secrets.NAME }}` in its config. Runs take the new value from their next step on.',
  params: z.object({ name: SecretName }),
  body: z.strictObject({
    value: z
      .string()
      .min(SECRET_VALUE_MIN, `At least ${SECRET_VALUE_MIN} characters; a shorter value could not be told from ordinary text in logs`)
      .max(SECRET_VALUE_MAX, `At most ${SECRET_VALUE_MAX} characters`)
      .refine((value) => !value.includes('\u0000') && value.isWellFormed(), 'Must not contain NUL or half a surrogate pair')
      .refine((value) => value.trim() !== '', 'Must not be blank'),
    description: z.string().max(500).optional(),
  }),
  answer: SecretRow,
  example: { value: 'sk_test_4eC39HqLyjWDarjtT1', description: 'Payments' },
});

export const deleteSecret = contract({
  operation: 'deleteSecret',
  method: 'DELETE',
  path: '/api/secrets/{name}',
  tag: 'Secrets',
  permission: 'secrets:manage',
  status: 204,
  summary: 'Delete a secret',
  description: 'Steps that read it fail from now on, with `SECRET_NOT_FOUND`.',
  params: z.object({ name: z.string().min(1).max(200) }),
  answer: z.null(),
  errors: ['not_found'],
});
