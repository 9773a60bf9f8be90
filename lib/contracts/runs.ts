import { z } from 'zod';
import { contract, Id, JsonShape, MAX_INT, Paging, queryInt, Time } from '#lib/contracts/contract.ts';
import { Retention } from '#lib/contracts/retention.ts';
import { StepCall } from '#lib/contracts/step-call.ts';
import { WorkflowParams } from '#lib/contracts/workflows.ts';
import { RUN_STATUSES, STEP_STATUSES } from '#lib/engine/events.ts';
import { Definition } from '#lib/workflow/definition.ts';

const tag = 'Runs';
export const RunParams = z.object({ run_id: Id });
export const RunStatusShape = z.enum(RUN_STATUSES);

export const RunErrorShape = z
  .object({ code: z.string(), message: z.string(), step: z.string().optional(), path: z.string().optional(), data: JsonShape.optional() })
  .meta({ id: 'RunError' });

const AttemptShape = z
  .object({
    number: z.int().meta({ description: 'From 1 within its execution' }),
    execution: z.int().meta({ description: 'One more with each deliberate re-run' }),
    started_at: Time,
    completed_at: Time.nullable(),
    duration_seconds: z.number().nullable(),
    success: z.boolean().nullable().meta({ description: 'Null while it runs' }),
    error: RunErrorShape.nullable(),
  })
  .meta({ id: 'Attempt' });

export const StepRun = z
  .object({
    step_id: z.string(),
    /** Equal to step_id outside loops. */
    step_key: z.string(),
    name: z.string(),
    type: z.string(),
    status: z.enum(STEP_STATUSES),
    output: JsonShape,
    error: RunErrorShape.nullable(),
    skip_reason: z.string().nullable(),
    branch: z.string().nullable(),
    attempts: z.array(AttemptShape),
    progress: z.number().nullable().meta({ description: '0…1, where its executor reports it' }),
    undo: z.enum(['running', 'done', 'failed']).nullable().meta({ description: 'Whether what it did was undone' }),
    undo_error: RunErrorShape.nullable(),
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
    duration_seconds: z.number().nullable(),
    call: StepCall.optional(),
  })
  .meta({ id: 'StepRun' });
export type StepRun = z.infer<typeof StepRun>;

export const RunRow = z
  .object({
    id: z.string(),
    external_id: z.string().nullable().meta({ description: 'The id that its start gave it' }),
    workflow_id: z.string(),
    workflow_name: z.string(),
    version: z.int().nullable().meta({ description: 'Null for a test run of the draft' }),
    status: RunStatusShape,
    trigger: z.string(),
    parent_run_id: z.string().nullable().meta({ description: 'The run whose step started this one' }),
    parent_step: z.string().nullable().meta({ description: 'Key of that step' }),
    error: RunErrorShape.nullable(),
    created_at: Time,
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
    duration_seconds: z.number().nullable(),
    progress: z.number(),
    forked_from: z.string().nullable().meta({ description: 'The run that it is a fork of' }),
  })
  .meta({ id: 'RunRow' });
export type RunRow = z.infer<typeof RunRow>;

export const RunSchedule = z
  .object({
    id: z.string(),
    name: z.string(),
    cron: z.string(),
    timezone: z.string(),
    due_at: Time,
    due_at_ms: z.int().meta({ description: 'The due time in milliseconds since the epoch' }),
  })
  .meta({ id: 'RunSchedule' });
export type RunSchedule = z.infer<typeof RunSchedule>;

export const Run = RunRow.extend({
  input: JsonShape,
  output: JsonShape,
  schedule: RunSchedule.nullable().meta({ description: 'The schedule and due time that started it; null for others' }),
  definition: Definition.meta({ description: 'What the run executes' }),
  step_runs: z.array(StepRun),
  undo: z
    .enum(['running', 'complete', 'failed'])
    .nullable()
    .meta({ description: 'How undoing its steps went; null where nothing was undone' }),
  step_runs_total: z.int().meta({ description: 'How many step results the run has, whatever page of them this is' }),
  last_event_id: z.int(),
}).meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

/** A caller's own id of a run. */
const ExternalId = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'Must be 1 to 200 visible ASCII characters without blanks')
  .meta({ examples: ['order-4711'] });

/** Bytes of one start, and of one that starts many. */
export const MAX_INPUT_BYTES = 1024 * 1024;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** Told when the run ends. Which hosts may be called is decided when it is sent. */
const CallbackUrl = z
  .url({ protocol: /^https?$/, error: 'Must be an address that begins with http:// or https://' })
  .max(2000)
  .meta({ examples: ['https://example.com/weftline'] });

/** What a start may say of each run, alone or in a batch. */
const StartFields = {
  input_data: JsonShape.default({}),
  trigger: z.enum(['manual', 'api', 'event', 'webhook']).optional(),
  /** Unique among the runs that the workflow has: a second start with it is refused with 409 while the first one's run exists. */
  external_id: ExternalId.optional(),
  priority: z.int().min(-1000).max(1000).default(0).meta({ description: 'Of waiting runs the highest goes first, then the oldest' }),
  queue: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Only workers that serve this queue take the run; `default` without it' }),
  /** The run is cancelled with RUN_TIMEOUT when it takes longer from its first step. */
  timeout_ms: z.int().min(1).max(MAX_INT).optional(),
  callback_url: CallbackUrl.optional(),
  retention: Retention.optional(),
};
const Started = z.object({
  run_id: z.string(),
  existing: z.boolean().optional().meta({ description: 'True where a run of this external_id was there already, and this is it' }),
  skipped: z
    .boolean()
    .optional()
    .meta({ description: "True where the workflow's limit says `skip` and was reached: the run is cancelled with CONCURRENCY_LIMIT" }),
});
const IfExists = z
  .enum(['return', 'refuse'])
  .optional()
  .meta({ description: 'When the workflow has a run of this external_id: answer that run, or 409 (the default)' });

export const startRun = contract({
  operation: 'startRun',
  method: 'POST',
  path: '/api/workflows/{id}/run',
  tag,
  permission: 'runs:write',
  status: 202,
  summary: 'Start a run',
  description: 'Answers at once; a worker does the work. `draft: true` runs the draft as a test.',
  params: WorkflowParams,
  bodyOptional: true,
  maxBody: MAX_INPUT_BYTES,
  body: z.strictObject({
    ...StartFields,
    version: z.int().min(1).max(MAX_INT).optional(),
    draft: z.boolean().default(false),
    /** A completed run of the same workflow: its output is what this run's steps see as `run.state`. */
    continue_from: Id.optional(),
    if_exists: IfExists,
  }),
  answer: Started,
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { input_data: { customer: 'acme' } },
});

/** Runs that one call may start. */
export const MAX_BATCH_START = 1000;

export const startRuns = contract({
  operation: 'startRuns',
  method: 'POST',
  path: '/api/workflows/{id}/runs/batch',
  tag,
  permission: 'runs:write',
  status: 202,
  summary: 'Start many runs',
  description:
    'Starts 1 to 1,000 runs of a workflow in one transaction: all of them or none. What is wrong with an item is told with its place, such as `/runs/17/input_data/customer`. The answer lists the runs in the order of the items.',
  params: WorkflowParams,
  maxBody: MAX_BATCH_BYTES,
  body: z.strictObject({
    runs: z.array(z.strictObject(StartFields)).min(1).max(MAX_BATCH_START),
    version: z.int().min(1).max(MAX_INT).optional(),
    if_exists: IfExists,
  }),
  answer: z.object({ runs: z.array(Started) }),
  errors: ['not_found', 'conflict', 'payload_too_large', 'validation_error'],
  example: { runs: [{ input_data: { customer: 'acme' }, external_id: 'order-4711' }, { input_data: { customer: 'globex' } }] },
});

const RunFilters = Paging.extend({
  parent_run_id: Id.optional().meta({ description: 'Runs that steps of this run have started' }),
  parent_step: z.string().max(1000).optional().meta({ description: 'With parent_run_id: the key of the step' }),
  status: RunStatusShape.optional(),
  trigger: z.string().max(50).optional(),
  external_id: z.string().max(200).optional(),
  version: queryInt().min(1).max(MAX_INT).optional(),
});
const RunList = z.object({ runs: z.array(RunRow), total: z.int(), next_cursor: z.string().nullable() });

export const listWorkflowRuns = contract({
  operation: 'listWorkflowRuns',
  method: 'GET',
  path: '/api/workflows/{id}/runs',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'List the runs of a workflow',
  description: 'Newest first.',
  params: WorkflowParams,
  query: RunFilters,
  answer: RunList,
  errors: ['not_found'],
});

export const listRuns = contract({
  operation: 'listRuns',
  method: 'GET',
  path: '/api/workflows/runs',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'List all runs of the workspace',
  description: 'Newest first.',
  query: RunFilters.extend({ workflow_id: Id.optional() }),
  answer: RunList,
});

export const getRun = contract({
  operation: 'getRun',
  method: 'GET',
  path: '/api/workflows/runs/{run_id}',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'Get a run with its step results',
  description:
    'Steps in definition order; those not reached appear as pending or skipped. All of them without `limit`; a run of thousands is read faster in pages.',
  params: RunParams,
  query: z.object({
    limit: queryInt().min(1).max(1000).optional().meta({ description: 'Step results of this page; all without it' }),
    offset: queryInt().min(0).max(1_000_000).optional().meta({ description: 'Step results before this page' }),
  }),
  answer: z.object({ run: Run }),
  errors: ['not_found'],
});

export const getStepOutput = contract({
  operation: 'getStepOutput',
  method: 'GET',
  path: '/api/workflows/runs/{run_id}/steps/{step_key}/output',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'Get the whole output of a step',
  description:
    'The value as JSON. An answer that came as bytes (`encoding` is base64), and a file that a script handed on (`file`), are served as application/octet-stream.',
  params: RunParams.extend({ step_key: z.string().min(1).max(500) }),
  query: z.object({ file: z.string().min(1).max(200).optional() }),
  answer: JsonShape,
  errors: ['not_found'],
});

export const deleteRun = contract({
  operation: 'deleteRun',
  method: 'DELETE',
  path: '/api/workflows/runs/{run_id}',
  tag,
  permission: 'runs:write',
  status: 204,
  summary: 'Delete a finished run',
  description: 'A live run is refused with 409: cancel it first.',
  params: RunParams,
  answer: z.null(),
  errors: ['not_found', 'conflict'],
});

export const streamRun = contract({
  operation: 'streamRun',
  method: 'GET',
  path: '/api/workflows/runs/{run_id}/stream',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'Follow a run',
  description:
    "Server-sent events: the history first, then live; `id:` is the event's number. `Last-Event-ID` continues exactly there; a finished run with its last id answers 204.",
  params: RunParams,
  query: z.object({ after: queryInt().min(0).optional() }),
  answer: z.string(),
  errors: ['not_found'],
});
