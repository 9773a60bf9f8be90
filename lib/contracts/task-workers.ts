import { z } from 'zod';
import { MAX_DURATION_MS, parseMillis } from '#lib/base/duration.ts';
import { contract, Id, JsonShape, MAX_INT, Time } from '#lib/contracts/contract.ts';
import { RunErrorShape } from '#lib/contracts/runs.ts';
import { STEP_STATUSES } from '#lib/engine/events.ts';
import { CALL_KINDS } from '#lib/workflow/graph.ts';

/**
 * What task workers and the server say to each other: registering, asking for work (a long poll that is also the sign of
 * life), reporting. A piece of work is one function that runs, by replay, until it ends or is parked.
 */
const tag = 'Task workers';
const Name = z.string().trim().min(1).max(200);
const StepName = z.string().min(1).max(300);
/** Milliseconds as a number, or text such as `10 minutes`. */
export const Millis = z
  .union([z.number(), z.string()])
  .refine((value) => parseMillis(value) !== null, 'Must be a number of milliseconds, or text such as 10 minutes (at most 365 days)');

export const TaskWorkerParams = z.object({ id: Id });

export const Retries = z.strictObject({
  limit: z.int().min(0).max(999),
  delay: Millis,
  backoff: z.enum(['constant', 'linear', 'exponential']),
});

const CallBase = z.strictObject({
  step: StepName.meta({ description: 'Its id among the steps of the run' }),
  name: Name,
  count: z.int().min(1).meta({ description: 'How often the function has asked for this name, this time included' }),
  seen: z.array(StepName).max(100_000).meta({ description: 'Steps whose results the function was given since its call before, in order' }),
});

/** A step that a function asks for. */
export const WireCall = z.discriminatedUnion('kind', [
  CallBase.extend({ kind: z.literal('do'), retries: Retries, timeout: Millis }),
  CallBase.extend({ kind: z.literal('sleep'), for: Millis.optional(), until: Time.optional() }),
  CallBase.extend({ kind: z.literal('wait'), event_type: z.string().min(1).max(100), timeout: Millis }),
]);
export type WireCall = z.infer<typeof WireCall>;

const Failure = z.strictObject({
  code: z.string().min(1).max(100),
  message: z.string().max(10_000),
  data: JsonShape.optional(),
});

/** How long ago it happened, by the clock of the task worker: two clocks are never compared. */
const ago_ms = z.number().min(0).max(MAX_DURATION_MS).default(0);
const attempt = z.int().min(1).max(MAX_INT);

export const WireReport = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('called'), ago_ms, call: WireCall }),
  z.strictObject({ kind: z.literal('step_started'), ago_ms, step: StepName, attempt }),
  z.strictObject({ kind: z.literal('step_log'), ago_ms, step: StepName, lines: z.array(z.string().max(65_536)).min(1).max(1000) }),
  z.strictObject({ kind: z.literal('step_progress'), ago_ms, step: StepName, progress: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('step_completed'), ago_ms, step: StepName, attempt, output: JsonShape }),
  z.strictObject({ kind: z.literal('step_failed'), ago_ms, step: StepName, attempt, error: Failure, retryable: z.boolean() }),
  z.strictObject({ kind: z.literal('returned'), ago_ms, output: JsonShape }),
  z.strictObject({ kind: z.literal('threw'), ago_ms, error: Failure }),
  z.strictObject({
    kind: z.literal('parked'),
    ago_ms,
    known: z.int().min(0).meta({ description: 'How many of its steps the function knows to have ended' }),
  }),
]);
export type WireReport = z.infer<typeof WireReport>;

/** A step that the function had asked for before, in that order. */
export const PastCall = z.object({
  step: z.string(),
  kind: z.enum(CALL_KINDS),
  seen: z.array(z.string()),
  status: z.enum(STEP_STATUSES),
  attempt: z.int().meta({ description: 'Attempts that have begun' }),
  retrying: z.boolean().meta({ description: 'Its next attempt is not due yet' }),
  output: JsonShape,
  error: RunErrorShape.nullable(),
  ended_at: Time.nullable(),
});
export type PastCall = z.infer<typeof PastCall>;

export const Work = z.object({
  id: z.string(),
  run_id: z.string(),
  workflow: z.string().meta({ description: 'The name of the function' }),
  step: z.string().meta({ description: 'Key of the step whose code it is' }),
  execution: z.int().meta({ description: 'One more with each deliberate re-run' }),
  input: JsonShape,
  after: z.int().meta({ description: 'The run’s events up to this number are in `calls`' }),
  calls: z.array(PastCall),
});
export type Work = z.infer<typeof Work>;

export const StepNews = z.object({
  step: z.string(),
  seq: z.int().meta({ description: 'Number of the event' }),
  news: z.enum(['completed', 'failed', 'due']).meta({ description: '`due`: the next attempt may begin' }),
  output: JsonShape,
  error: RunErrorShape.nullable(),
});
export type StepNews = z.infer<typeof StepNews>;

export const registerTaskWorker = contract({
  operation: 'registerTaskWorker',
  method: 'POST',
  path: '/api/task-workers',
  tag,
  permission: 'workflows:write',
  status: 201,
  summary: 'Register a task worker',
  description:
    'Each function becomes a workflow of its name with one step of type `code`, or a new version of it; one that says the same makes none. The worker is alive as long as it polls or reports within its lease.',
  body: z.strictObject({
    name: Name,
    queues: z.array(z.string().min(1).max(100)).min(1).max(100).default(['default']),
    concurrency: z.int().min(1).max(10_000).default(10),
    lease_ms: z.int().min(1000).max(600_000).default(8000),
    workflows: z
      .array(z.strictObject({ name: Name, definition: JsonShape }))
      .min(1)
      .max(1000),
  }),
  answer: z.object({
    id: z.string(),
    workflows: z.array(z.object({ name: z.string(), id: z.string(), version: z.int() })),
  }),
  errors: ['conflict', 'validation_error'],
  example: {
    name: 'orders-1',
    workflows: [
      {
        name: 'order',
        definition: { name: 'order', output: 'order:0', steps: [{ id: 'order:0', type: 'code', config: { workflow: 'order' } }] },
      },
    ],
  },
});

export const pollTaskWorker = contract({
  operation: 'pollTaskWorker',
  method: 'POST',
  path: '/api/task-workers/{id}/poll',
  tag,
  permission: 'runs:write',
  status: 200,
  summary: 'Ask for work and news',
  description: 'A long poll: answers as soon as there is something, or with nothing when its time is over. It prolongs the lease.',
  params: TaskWorkerParams,
  body: z.strictObject({
    free: z.int().min(0).max(10_000).default(0).meta({ description: 'How much more work it takes' }),
    wait_ms: z.int().min(0).max(30_000).default(10_000),
    sessions: z
      .array(
        z.strictObject({
          id: Id,
          awaits: z
            .array(z.strictObject({ step: StepName, after: z.int().min(0).max(MAX_INT) }))
            .max(10_000)
            .default([])
            .meta({ description: 'Steps of its function that the server times, each with the number of the last event it knows of' }),
          pausing: z.boolean().default(false).meta({ description: 'It knows already that its run is being paused' }),
        }),
      )
      .max(10_000)
      .default([]),
  }),
  answer: z.object({
    work: z.array(Work),
    news: z.array(z.object({ id: z.string(), steps: z.array(StepNews) })),
    gone: z.array(z.string()).meta({ description: 'Work that is no longer this worker’s: it stops without a word' }),
    pausing: z.array(z.string()).meta({ description: 'Work whose run is being paused: what runs ends, nothing new begins, then it parks' }),
  }),
  errors: ['not_found'],
});

export const reportTaskWorker = contract({
  operation: 'reportTaskWorker',
  method: 'POST',
  path: '/api/task-workers/{id}/reports',
  tag,
  permission: 'runs:write',
  status: 200,
  summary: 'Report what functions ask for and do',
  description: 'In order. What is accepted is durable; a report that comes twice says nothing new. It prolongs the lease.',
  params: TaskWorkerParams,
  body: z.strictObject({
    reports: z
      .array(z.strictObject({ id: Id, report: WireReport }))
      .min(1)
      .max(500),
  }),
  answer: z.object({
    accepted: z.array(z.boolean()).meta({ description: 'False: the work is no longer this worker’s' }),
    pausing: z.array(z.string()).meta({ description: 'Work whose run is being paused' }),
  }),
  errors: ['not_found', 'validation_error'],
});

export const leaveTaskWorker = contract({
  operation: 'leaveTaskWorker',
  method: 'DELETE',
  path: '/api/task-workers/{id}',
  tag,
  permission: 'runs:write',
  status: 204,
  summary: 'End a task worker',
  description: 'What it had under way is offered to others at once.',
  params: TaskWorkerParams,
  answer: z.null(),
  errors: ['not_found'],
});
