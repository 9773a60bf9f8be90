import { z } from 'zod';
import { contract, Id, JsonShape, Paging, queryInt, Time } from '#lib/contracts/contract.ts';
import { WorkflowParams, WorkflowStatus } from '#lib/contracts/workflows.ts';
import { RUN_STATUSES } from '#lib/engine/events.ts';
import { OVERLAP_POLICIES } from '#lib/workflow/schedule-plan.ts';

const tag = 'Schedules';
const YEAR_SECONDS = 366 * 86_400;
export const CATCH_UP = ['skip', 'once', 'all'] as const;
export const FIRE_OUTCOMES = ['started', 'waiting', 'skipped', 'missed', 'inactive', 'refused'] as const;
export const OverlapShape = z.enum(OVERLAP_POLICIES).meta({
  description:
    'While an earlier run of the schedule is under way: allow starts another, skip leaves the time out, queue lets it wait its turn, buffer_one lets one wait, cancel_running cancels the earlier one first',
});
export const CatchUpShape = z.enum(CATCH_UP).meta({
  description: 'Times that were missed while nothing could fire: skip them, start one run for all of them, or one for each',
});

export const Schedule = z
  .object({
    id: z.string(),
    workflow_id: z.string(),
    workflow_name: z.string(),
    workflow_status: WorkflowStatus.meta({ description: 'Only an active workflow is started by its schedules' }),
    name: z.string(),
    cron_expression: z.string(),
    timezone: z.string(),
    description: z.string().meta({ description: 'The expression in words' }),
    input_data: JsonShape,
    enabled: z.boolean(),
    overlap: OverlapShape,
    catch_up: CatchUpShape,
    catch_up_window: z.int().meta({ description: 'Seconds; times missed by more are not caught up' }),
    jitter: z.int().meta({ description: 'Most seconds that a run starts after its due time' }),
    next_run_at: Time.nullable(),
    last_run_at: Time.nullable(),
    next_times: z.array(Time).meta({ description: 'The next ten due times; empty while it is paused' }),
    created_by: z.string(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof Schedule>;

const Cron = z.string().max(300).meta({ description: 'Five fields: minute, hour, day of month, month, day of week' });
const Zone = z.string().max(100).meta({ description: 'IANA name' });
const Name = z.string().trim().max(200);
const Window = z.int().min(60).max(YEAR_SECONDS);
const Jitter = z.int().min(0).max(86_400);
const example = { cron_expression: '30 9 * * mon-fri', timezone: 'Europe/Berlin', input_data: { region: 'eu' } };
const ScheduleParams = z.object({ schedule_id: Id });
const MAX_BODY = 1024 * 1024;

export const createSchedule = contract({
  operation: 'createSchedule',
  method: 'POST',
  path: '/api/workflows/{id}/schedules',
  tag,
  permission: 'workflows:write',
  status: 201,
  summary: 'Create a schedule',
  description:
    'Day of month and day of week together mean either. A time of day that is missing where clocks go forward is due right after the jump, one that comes twice is due once; a pattern for every hour follows real time.',
  params: WorkflowParams,
  maxBody: MAX_BODY,
  body: z.strictObject({
    name: Name.default(''),
    cron_expression: Cron,
    timezone: Zone.default('UTC'),
    input_data: JsonShape.default({}),
    enabled: z.boolean().default(true),
    overlap: OverlapShape.default('allow'),
    catch_up: CatchUpShape.default('once'),
    catch_up_window: Window.default(604_800),
    jitter: Jitter.default(0),
  }),
  answer: z.object({ schedule_id: z.string(), schedule: Schedule }),
  errors: ['not_found', 'conflict', 'validation_error'],
  example,
});

const ScheduleList = z.object({ schedules: z.array(Schedule), total: z.int(), next_cursor: z.string().nullable() });

export const listWorkflowSchedules = contract({
  operation: 'listWorkflowSchedules',
  method: 'GET',
  path: '/api/workflows/{id}/schedules',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List the schedules of a workflow',
  params: WorkflowParams,
  query: Paging,
  answer: ScheduleList,
  errors: ['not_found'],
});

export const listSchedules = contract({
  operation: 'listSchedules',
  method: 'GET',
  path: '/api/workflows/schedules',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List all schedules of the workspace',
  description: 'The next one due first.',
  query: Paging,
  answer: ScheduleList,
});

export const previewSchedule = contract({
  operation: 'previewSchedule',
  method: 'POST',
  path: '/api/workflows/schedules/preview',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Preview due times',
  description: 'Stores nothing. `from` is the moment after which times are asked for, by default now.',
  body: z.strictObject({
    cron_expression: Cron,
    timezone: Zone.default('UTC'),
    from: Time.optional(),
    count: z.int().min(1).max(100).default(10),
  }),
  answer: z.object({ times: z.array(Time), timezone: z.string(), description: z.string() }),
  errors: ['validation_error'],
  example: { cron_expression: '30 9 * * mon-fri', timezone: 'Europe/Berlin', count: 3 },
});

export const getSchedule = contract({
  operation: 'getSchedule',
  method: 'GET',
  path: '/api/workflows/schedules/{schedule_id}',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'Get a schedule',
  params: ScheduleParams,
  answer: Schedule,
  errors: ['not_found'],
});

export const updateSchedule = contract({
  operation: 'updateSchedule',
  method: 'PATCH',
  path: '/api/workflows/schedules/{schedule_id}',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Change a schedule',
  description: 'Members that are left out stay as they are.',
  params: ScheduleParams,
  maxBody: MAX_BODY,
  body: z.strictObject({
    name: Name.optional(),
    cron_expression: Cron.optional(),
    timezone: Zone.optional(),
    input_data: JsonShape.optional(),
    enabled: z.boolean().optional(),
    overlap: OverlapShape.optional(),
    catch_up: CatchUpShape.optional(),
    catch_up_window: Window.optional(),
    jitter: Jitter.optional(),
  }),
  answer: Schedule,
  errors: ['not_found', 'validation_error'],
  example: { cron_expression: '0 7 * * *' },
});

export const deleteSchedule = contract({
  operation: 'deleteSchedule',
  method: 'DELETE',
  path: '/api/workflows/schedules/{schedule_id}',
  tag,
  permission: 'workflows:write',
  status: 204,
  summary: 'Delete a schedule',
  description: 'Its history goes with it; the runs that it started stay.',
  params: ScheduleParams,
  answer: z.null(),
  errors: ['not_found'],
});

function command(operation: string, word: string, summary: string) {
  return contract({
    operation,
    method: 'POST',
    path: `/api/workflows/schedules/{schedule_id}/${word}`,
    tag,
    permission: 'workflows:write',
    status: 200,
    summary,
    params: ScheduleParams,
    bodyOptional: true,
    body: z.strictObject({}),
    answer: Schedule,
    errors: ['not_found'],
  });
}

export const pauseSchedule = command('pauseSchedule', 'pause', 'Pause a schedule');
export const resumeSchedule = command('resumeSchedule', 'resume', 'Resume a schedule');

export const runSchedule = contract({
  operation: 'runSchedule',
  method: 'POST',
  path: '/api/workflows/schedules/{schedule_id}/run',
  tag,
  permission: 'runs:write',
  status: 202,
  summary: 'Run a schedule now',
  description: 'Starts the newest version with the input of the schedule, whether it is due or not.',
  params: ScheduleParams,
  bodyOptional: true,
  body: z.strictObject({}),
  answer: z.object({ run_id: z.string() }),
  errors: ['not_found', 'conflict', 'validation_error'],
});

export const backfillSchedule = contract({
  operation: 'backfillSchedule',
  method: 'POST',
  path: '/api/workflows/schedules/{schedule_id}/backfill',
  tag,
  permission: 'runs:write',
  status: 200,
  summary: 'Run the due times of a past range',
  description:
    'Each due time from `from` up to (not including) `to` that has no run yet gets one. `dry_run` only counts. At most 1,000 times a call.',
  params: ScheduleParams,
  body: z.strictObject({
    from: Time,
    to: Time,
    overlap: z.enum(['queue', 'allow']).default('queue').meta({ description: 'queue: one after another; allow: all at once' }),
    dry_run: z.boolean().default(false),
  }),
  answer: z.object({
    count: z.int().meta({ description: 'Runs that were (or would be) started or queued' }),
    more: z.boolean().meta({ description: 'The range holds more due times than one call takes; only `dry_run` answers so' }),
    already: z.int().meta({ description: 'Due times in the range that have a run already' }),
    times: z.array(Time).meta({ description: 'The first ten of them' }),
    run_ids: z.array(z.string()).meta({ description: 'Runs that were started at once' }),
  }),
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { from: '2026-11-01T00:00:00Z', to: '2026-11-08T00:00:00Z', dry_run: true },
});

export const ScheduleFire = z
  .object({
    due_at: Time,
    until: Time.nullable().meta({ description: 'Of times that were passed over together: the last of them' }),
    count: z.int(),
    fired_at: Time,
    kind: z.enum(['schedule', 'backfill', 'manual']),
    outcome: z.enum(FIRE_OUTCOMES),
    detail: z.string().nullable(),
    run: z.object({ id: z.string(), status: z.enum(RUN_STATUSES) }).nullable(),
  })
  .meta({ id: 'ScheduleFire' });
export type ScheduleFire = z.infer<typeof ScheduleFire>;

export const listScheduleFires = contract({
  operation: 'listScheduleFires',
  method: 'GET',
  path: '/api/workflows/schedules/{schedule_id}/fires',
  tag,
  permission: 'workflows:read',
  status: 200,
  summary: 'List what became of due times',
  description: 'Newest first.',
  params: ScheduleParams,
  query: z.object({ limit: queryInt().min(1).max(200).default(50), offset: queryInt().min(0).max(1_000_000).default(0) }),
  answer: z.object({ fires: z.array(ScheduleFire), total: z.int() }),
  errors: ['not_found'],
});
