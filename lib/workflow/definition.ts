import { z } from 'zod';
import { parseDuration } from '#lib/base/duration.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';

/**
 * The JSON document that people draw, programs send, versions keep and runs pin. Defaults are *not* filled in here: a
 * stored definition says what its author said; `graph.ts` resolves the defaults once for the engine.
 * Unknown keys are refused, so a typo never passes silently.
 */

/** Letters, digits, `_ - . :`, at most 128; fixed once a step exists. */
export const StepId = z
  .string()
  .min(1, 'A step id must not be empty')
  .max(128, 'A step id has at most 128 characters')
  .regex(/^[A-Za-z0-9_\-.:]+$/, 'A step id holds letters, digits and _ - . : only');

const JsonValue: z.ZodType<Json> = z.json();
const JsonRecord: z.ZodType<JsonObject> = z.record(z.string(), JsonValue);

/** A number of seconds, or text such as `500ms`, `30s`, `10 minutes`. */
export const Duration = z
  .union([z.number(), z.string()])
  .refine(
    (value) => parseDuration(value) !== null,
    'Must be a number of seconds or text such as 500ms, 30s, 10 minutes (at most 365 days)',
  );
export type Duration = z.infer<typeof Duration>;

/** Text that is (or holds) an expression; always-expression fields take it with or without braces. */
const ExpressionText = z.string().min(1, 'An expression must not be empty').max(10_000);

export const Dependency = z.union([StepId, z.strictObject({ step: StepId, branch: z.string().min(1).max(100) })]);
export type Dependency = z.infer<typeof Dependency>;

export const Retry = z.strictObject({
  max_attempts: z.int().min(1).max(1000).optional(),
  delay: Duration.optional(),
  backoff: z.enum(['constant', 'fixed', 'linear', 'exponential']).optional(),
  max_delay: Duration.optional(),
  jitter: z.boolean().optional(),
});
export type Retry = z.infer<typeof Retry>;

export const Position = z.strictObject({ x: z.number(), y: z.number() });
export type Position = z.infer<typeof Position>;

export const Step = z.strictObject({
  id: StepId,
  name: z.string().min(1).max(200).optional(),
  type: z.string().min(1).max(100),
  config: JsonRecord.optional(),
  depends_on: z.array(Dependency).max(10_000).optional(),
  join: z.enum(['all', 'any', 'quorum']).optional(),
  min_success: z.int().min(1).optional(),
  cancel_rest: z.boolean().optional(),
  allow_failed_deps: z.boolean().optional(),
  run_when: ExpressionText.optional(),
  skip_when: ExpressionText.optional(),
  args_from: z.record(z.string().min(1).max(128), StepId).optional(),
  context_from: z.array(StepId).optional(),
  retry: Retry.optional(),
  on_error: z.enum(['fail', 'continue', 'retry', 'fallback']).optional(),
  fallback_step: StepId.nullable().optional(),
  timeout: Duration.optional(),
  good_until: z.iso.datetime({ offset: true }).optional(),
  on_crash: z.enum(['ask', 'retry']).optional(),
  queue: z.string().min(1).max(100).optional(),
  priority: z.int().min(-1000).max(1000).optional(),
  sensitive: z.literal('output').optional(),
  enabled: z.boolean().optional(),
  undo: z.strictObject({ type: z.string().min(1).max(100), config: JsonRecord.optional(), retry: Retry.optional() }).optional(),
  position: Position.optional(),
});
export type Step = z.infer<typeof Step>;

export const Note = z.strictObject({
  id: StepId,
  text: z.string().max(10_000),
  position: Position,
  size: z.strictObject({ width: z.number().positive(), height: z.number().positive() }).optional(),
});
export type Note = z.infer<typeof Note>;

export const Group = z.strictObject({ id: StepId, name: z.string().max(200), steps: z.array(StepId).max(10_000) });
export type Group = z.infer<typeof Group>;

export const SuccessPolicy = z.strictObject({
  cases: z.array(z.strictObject({ required: z.array(StepId).min(1) })).min(1),
  optional: z.array(StepId).optional(),
});
export type SuccessPolicy = z.infer<typeof SuccessPolicy>;

export const Concurrency = z.strictObject({
  limit: z.int().min(1).max(1_000_000),
  key: z.string().min(1).max(1000).optional(),
  on_limit: z.enum(['queue', 'skip', 'cancel_running']).optional(),
  /** Runs that wait for a time, an event or a child, or are paused, keep their slot; without it they give it back. */
  hold_while_waiting: z.boolean().optional(),
});
export type Concurrency = z.infer<typeof Concurrency>;

/** More steps than this, those inside loops included, are refused with a clear text. */
export const MAX_STEPS = 10_000;

/** How many steps a run may have, each iteration's steps counted anew: where the definition says nothing, and at most. */
export const DEFAULT_RUN_STEPS = 100_000;
const MAX_RUN_STEPS = 1_000_000;

export const Definition = z.strictObject({
  name: z.string().trim().min(1, 'A workflow needs a name').max(200),
  description: z.string().max(10_000).optional(),
  input_schema: JsonRecord.optional(),
  output: StepId.optional(),
  on_error: z.enum(['fail', 'pause']).optional(),
  success_policy: SuccessPolicy.optional(),
  timeout: Duration.optional(),
  concurrency: Concurrency.optional(),
  limits: z.strictObject({ steps: z.int().min(1).max(MAX_RUN_STEPS).optional() }).optional(),
  steps: z.array(Step).min(1, 'A workflow needs at least one step').max(MAX_STEPS, `A workflow has at most ${MAX_STEPS} steps`),
  notes: z.array(Note).max(1000).optional(),
  groups: z.array(Group).max(1000).optional(),
});
export type Definition = z.infer<typeof Definition>;

/** The working copy in the editor: as a definition, but it may have no steps yet. */
export const DraftDefinition = Definition.extend({ steps: z.array(Step).max(MAX_STEPS) });
