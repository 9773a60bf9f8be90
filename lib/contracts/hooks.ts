import { z } from 'zod';
import { contract, Id, JsonShape, MAX_INT, Paging, Time } from '#lib/contracts/contract.ts';
import { WorkflowParams } from '#lib/contracts/workflows.ts';

const tag = 'Hooks';
const HookParams = WorkflowParams.extend({ hook_id: Id });
const CallParams = HookParams.extend({ call_id: Id });
const HeaderName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'A header name holds letters, digits and -')
  .transform((name) => name.toLowerCase());

/** The longest that a caller waits for a run's result, in seconds. */
export const MAX_ANSWER_SECONDS = 120;
export const HOOK_ACTIONS = ['start', 'event'] as const;
export const HOOK_ANSWERS = ['accepted', 'result'] as const;
export const HOOK_SIGNATURES = ['none', 'standard', 'hmac'] as const;
export const CALL_OUTCOMES = ['pending', 'started', 'tested', 'delivered', 'refused'] as const;

const settings = {
  name: z.string().trim().min(1, 'A hook needs a name').max(100),
  enabled: z.boolean(),
  action: z.enum(HOOK_ACTIONS).meta({ description: 'start: a run for each call. event: an event for the runs that wait for it' }),
  event_type: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .meta({ description: 'With the action event: the type of the event that waiting runs get' }),
  answer: z.enum(HOOK_ANSWERS).meta({ description: 'accepted: 202 with the run’s id at once. result: waits, and answers with the output' }),
  answer_seconds: z.int().min(1).max(MAX_ANSWER_SECONDS),
  signature: z.enum(HOOK_SIGNATURES).meta({
    description:
      'standard: Standard Webhooks. hmac: HMAC-SHA256 of the body as hex or base64 in a header, as GitHub sends it; `t=…,v1=…` as Stripe does',
  }),
  signature_header: HeaderName.nullable().meta({ description: 'With hmac: the header, such as x-hub-signature-256' }),
  secret: z.string().min(8, 'At least 8 characters').max(500).nullable().meta({ description: 'Write only: what signatures are made with' }),
  dedupe_header: HeaderName.nullable().meta({
    description: 'Calls with an equal value are one. Without it webhook-id, then Idempotency-Key',
  }),
};

export const Hook = z
  .object({
    id: z.string(),
    workflow_id: z.string(),
    name: z.string(),
    url_hint: z.string().meta({ description: 'The end of the address, to recognise it by' }),
    enabled: z.boolean(),
    action: settings.action,
    event_type: z.string().nullable(),
    answer: settings.answer,
    answer_seconds: z.int(),
    signature: settings.signature,
    signature_header: z.string().nullable(),
    has_secret: z.boolean(),
    dedupe_header: z.string().nullable(),
    listening_until: Time.nullable(),
    created_by: z.string(),
    created_at: Time,
    last_used_at: Time.nullable(),
  })
  .meta({ id: 'Hook' });
export type Hook = z.infer<typeof Hook>;

const WithAddress = z.object({
  hook: Hook,
  path: z.string().meta({ description: 'Shown in this answer only: /hooks/… at this instance' }),
});

export const listHooks = contract({
  operation: 'listHooks',
  method: 'GET',
  path: '/api/workflows/{id}/hooks',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List the hooks of a workflow',
  params: WorkflowParams,
  answer: z.object({ hooks: z.array(Hook), total: z.int() }),
  errors: ['not_found'],
});

/** A hook in the list of the whole workspace, with the workflow that it belongs to. */
export const PlacedHook = Hook.extend({ workflow_name: z.string(), workflow_status: z.string() }).meta({ id: 'PlacedHook' });
export type PlacedHook = z.infer<typeof PlacedHook>;

export const listAllHooks = contract({
  operation: 'listAllHooks',
  method: 'GET',
  path: '/api/workflows/hooks',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List all hooks of the workspace',
  description: 'Oldest first.',
  query: Paging,
  answer: z.object({ hooks: z.array(PlacedHook), total: z.int(), next_cursor: z.string().nullable() }),
});

export const createHook = contract({
  operation: 'createHook',
  method: 'POST',
  path: '/api/workflows/{id}/hooks',
  tag,
  permission: 'workflows:write',
  status: 201,
  summary: 'Create a hook',
  description: 'The address is shown in this answer only; what is stored of it is a hash.',
  params: WorkflowParams,
  body: z.strictObject({
    name: settings.name,
    enabled: settings.enabled.default(true),
    action: settings.action.default('start'),
    event_type: settings.event_type.default(null),
    answer: settings.answer.default('accepted'),
    answer_seconds: settings.answer_seconds.default(30),
    signature: settings.signature.default('none'),
    signature_header: settings.signature_header.default(null),
    secret: settings.secret.default(null),
    dedupe_header: settings.dedupe_header.default(null),
  }),
  answer: WithAddress,
  errors: ['not_found', 'conflict'],
  example: { name: 'Orders' },
});

export const updateHook = contract({
  operation: 'updateHook',
  method: 'PATCH',
  path: '/api/workflows/{id}/hooks/{hook_id}',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Change a hook',
  params: HookParams,
  body: z.strictObject(settings).partial(),
  answer: z.object({ hook: Hook }),
  errors: ['not_found'],
  example: { enabled: false },
});

export const rotateHook = contract({
  operation: 'rotateHook',
  method: 'POST',
  path: '/api/workflows/{id}/hooks/{hook_id}/rotate',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Give a hook a new address',
  description: 'The old one is gone at once.',
  params: HookParams,
  bodyOptional: true,
  answer: WithAddress,
  errors: ['not_found'],
});

export const deleteHook = contract({
  operation: 'deleteHook',
  method: 'DELETE',
  path: '/api/workflows/{id}/hooks/{hook_id}',
  tag,
  permission: 'workflows:write',
  status: 204,
  summary: 'Delete a hook and its calls',
  params: HookParams,
  answer: z.null(),
  errors: ['not_found'],
});

export const listenHook = contract({
  operation: 'listenHook',
  method: 'POST',
  path: '/api/workflows/{id}/hooks/{hook_id}/listen',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Take the next call as a test of the draft',
  description: 'The address stays the same. 0 seconds stop listening.',
  params: HookParams,
  bodyOptional: true,
  body: z.strictObject({ seconds: z.int().min(0).max(600).default(120) }),
  answer: z.object({ hook: Hook }),
  errors: ['not_found'],
});

export const HookCall = z
  .object({
    id: z.string(),
    method: z.string(),
    size: z.int().meta({ description: 'Bytes of the body' }),
    outcome: z.enum(CALL_OUTCOMES),
    reason: z.string().nullable(),
    run_ids: z.array(z.string()),
    received_at: Time,
  })
  .meta({ id: 'HookCall' });
export type HookCall = z.infer<typeof HookCall>;

export const listHookCalls = contract({
  operation: 'listHookCalls',
  method: 'GET',
  path: '/api/workflows/{id}/hooks/{hook_id}/calls',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'List what a hook was sent',
  description: 'Newest first; the newest 500 are kept.',
  params: HookParams,
  query: Paging.omit({ cursor: true }),
  answer: z.object({ calls: z.array(HookCall), total: z.int() }),
  errors: ['not_found'],
});

export const getHookCall = contract({
  operation: 'getHookCall',
  method: 'GET',
  path: '/api/workflows/{id}/hooks/{hook_id}/calls/{call_id}',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'Get a call with its headers and body',
  params: CallParams,
  answer: z.object({ call: HookCall.extend({ query: JsonShape, headers: JsonShape, body: JsonShape }) }),
  errors: ['not_found'],
});

export const replayHookCall = contract({
  operation: 'replayHookCall',
  method: 'POST',
  path: '/api/workflows/{id}/hooks/{hook_id}/calls/{call_id}/replay',
  tag,
  permission: 'runs:write',
  status: 202,
  summary: 'Start a run with a stored call',
  description: 'On the newest version, a named one, or with `draft: true` the draft.',
  params: CallParams,
  bodyOptional: true,
  body: z.strictObject({ draft: z.boolean().default(false), version: z.int().min(1).max(MAX_INT).optional() }),
  answer: z.object({ run_id: z.string() }),
  errors: ['not_found', 'conflict', 'validation_error'],
});
