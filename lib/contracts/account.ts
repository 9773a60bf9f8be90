import { z } from 'zod';
import { contract, Id, PERMISSIONS, Time } from '#lib/contracts/contract.ts';

export const ROLES = ['owner', 'admin', 'editor', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Who is asking; the shell of every page needs it. `set_up` is false until the first visitor has made the owner. */
export const getSession = contract({
  operation: 'getSession',
  method: 'GET',
  path: '/api/session',
  tag: 'Account',
  permission: null,
  status: 200,
  summary: 'Who am I',
  answer: z.object({
    set_up: z.boolean(),
    setup_token_needed: z.boolean(),
    user: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
    workspace: z.object({ id: z.string(), name: z.string(), slug: z.string(), role: z.enum(ROLES) }).nullable(),
    permissions: z.array(z.enum(PERMISSIONS)),
  }),
});

export const setUp = contract({
  operation: 'setUp',
  method: 'POST',
  path: '/api/setup',
  tag: 'Account',
  permission: null,
  status: 201,
  summary: 'Create the owner and the first workspace',
  description: 'Works once. From another host than the machine itself it needs the token that `npm start` prints. Signs the owner in.',
  body: z.strictObject({
    name: z.string().trim().min(1, 'Tell us your name').max(100),
    email: z.email('Must be an e-mail address').max(200),
    password: z.string().min(8, 'At least 8 characters').max(128),
    workspace: z.string().trim().min(1).max(100).default('Default'),
    token: z.string().max(200).optional(),
  }),
  answer: z.object({ user_id: z.string(), workspace_id: z.string() }),
  errors: ['conflict', 'forbidden'],
});

export const KeyRow = z
  .object({
    id: z.string(),
    name: z.string(),
    /** First characters, to recognise it by. */
    prefix: z.string(),
    scopes: z.array(z.enum(PERMISSIONS)),
    created_at: Time,
    expires_at: Time.nullable(),
    last_used_at: Time.nullable(),
    created_by: z.string(),
  })
  .meta({ id: 'ApiKeyRow' });
export type KeyRow = z.infer<typeof KeyRow>;

export const listKeys = contract({
  operation: 'listKeys',
  method: 'GET',
  path: '/api/keys',
  tag: 'API keys',
  permission: 'keys:manage',
  status: 200,
  summary: 'List API keys',
  answer: z.object({ keys: z.array(KeyRow), total: z.int() }),
});

export const createKey = contract({
  operation: 'createKey',
  method: 'POST',
  path: '/api/keys',
  tag: 'API keys',
  permission: 'keys:manage',
  status: 201,
  summary: 'Create an API key',
  description: 'The key itself is shown in this answer only; what is stored is its hash.',
  body: z.strictObject({
    name: z.string().trim().min(1, 'A key needs a name').max(100),
    scopes: z.array(z.enum(PERMISSIONS)).min(1, 'Choose at least one scope'),
    expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
  }),
  answer: z.object({ key: z.string(), row: KeyRow }),
  example: { name: 'CI', scopes: ['workflows:read', 'runs:write'] },
});

export const revokeKey = contract({
  operation: 'revokeKey',
  method: 'DELETE',
  path: '/api/keys/{id}',
  tag: 'API keys',
  permission: 'keys:manage',
  status: 204,
  summary: 'Revoke an API key',
  params: z.object({ id: Id }),
  answer: z.null(),
  errors: ['not_found'],
});

export const getHealth = contract({
  operation: 'getHealth',
  method: 'GET',
  path: '/api/health',
  tag: 'Operations',
  permission: null,
  status: 200,
  summary: 'Is it alive',
  description: 'Answers 503 with the same shape where the database does not answer or no worker is alive.',
  answer: z.object({
    status: z.enum(['ok', 'degraded']),
    database: z.enum(['ok', 'down']),
    workers: z.int(),
    unserved_queues: z
      .array(
        z.object({
          queue: z.string(),
          runs: z.int().meta({ description: 'Queued runs of the queue' }),
          steps: z.int().meta({ description: 'Steps that runs of other queues have offered to it' }),
          since: z.iso.datetime().meta({ description: 'Since when the oldest of them waits' }),
        }),
      )
      .meta({ description: 'Queues for which something has waited for more than 5 seconds without a live worker that serves them' }),
    version: z.string(),
  }),
});
