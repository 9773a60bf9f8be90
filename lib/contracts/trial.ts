import { z } from 'zod';
import { contract, Id, JsonShape, Time } from '#lib/contracts/contract.ts';
import { MAX_INPUT_BYTES, RunErrorShape } from '#lib/contracts/runs.ts';
import { WorkflowParams } from '#lib/contracts/workflows.ts';

const tag = 'Test runs';
const StepIds = z.array(z.string());

const Pin = z
  .object({ step_id: z.string(), output: JsonShape, updated_at: Time, updated_by: z.string() })
  .meta({ id: 'Pin', description: 'An output that a step is given in test runs instead of running' });
export type Pin = z.infer<typeof Pin>;

const TestResult = z
  .object({
    step_id: z.string(),
    run_id: z.string().meta({ description: 'The test run that it is of' }),
    status: z.enum(['completed', 'failed', 'skipped', 'cancelled']),
    pinned: z.boolean().meta({ description: 'The step was given this output by its pin' }),
    fingerprint: z.string().meta({ description: 'Names what the step did then; another one means that it was changed since' }),
    input: JsonShape.meta({ description: 'Its config with all values in place; null where it holds no expression' }),
    output: JsonShape,
    output_omitted: z.boolean().meta({ description: 'The output is large: get it from the run' }),
    items: z.int().nullable().meta({ description: 'How many entries its output has, where that is a list' }),
    error: RunErrorShape.nullable(),
    branch: z.string().nullable(),
    skip_reason: z.string().nullable(),
    logs: z.array(z.string()).meta({ description: 'The newest lines' }),
    started_at: Time.nullable(),
    completed_at: Time,
    duration_seconds: z.number().nullable(),
  })
  .meta({ id: 'TestResult' });
export type TestResult = z.infer<typeof TestResult>;

export const getTests = contract({
  operation: 'getTests',
  method: 'GET',
  path: '/api/workflows/{id}/test',
  tag,
  permission: 'runs:read',
  status: 200,
  summary: 'Get the pins and the last test results of a draft',
  description: 'Of each step its newest result in the last test runs.',
  params: WorkflowParams,
  answer: z.object({
    pins: z.array(Pin),
    results: z.array(TestResult),
    live_run_id: z.string().nullable().meta({ description: 'The newest test run, where it is still under way' }),
  }),
  errors: ['not_found'],
});

export const startTest = contract({
  operation: 'startTest',
  method: 'POST',
  path: '/api/workflows/{id}/test',
  tag,
  permission: 'runs:write',
  status: 202,
  summary: 'Start a test run of the draft',
  description:
    'Runs the draft for real, with the pinned outputs in the place of their steps. With `to_step` only what that step needs runs: steps that have a pin or a last result that still holds are not run again, steps that it does not need are skipped. With `only` nothing but that step runs. Faults of the draft refuse it only where they are of steps that the test is about.',
  params: WorkflowParams,
  bodyOptional: true,
  maxBody: MAX_INPUT_BYTES,
  body: z.strictObject({
    input_data: JsonShape.default({}),
    to_step: Id.optional(),
    only: z.boolean().default(false),
    reuse: z.boolean().default(true).meta({ description: 'False: last results are not taken over, everything that is needed runs' }),
  }),
  answer: z.object({
    run_id: z.string(),
    runs: StepIds.meta({ description: 'Steps that run' }),
    pinned: StepIds.meta({ description: 'Steps that were given their pinned output' }),
    reused: StepIds.meta({ description: 'Steps whose last result was taken over' }),
  }),
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { to_step: 'notify' },
});

const PinParams = WorkflowParams.extend({ step_id: z.string().min(1).max(128) });

export const putPin = contract({
  operation: 'putPin',
  method: 'PUT',
  path: '/api/workflows/{id}/test/pins/{step_id}',
  tag,
  permission: 'workflows:write',
  status: 200,
  summary: 'Pin the output of a step for test runs',
  description: 'Real runs never see it.',
  params: PinParams,
  maxBody: MAX_INPUT_BYTES,
  body: z.strictObject({ output: JsonShape }),
  answer: Pin,
  errors: ['not_found', 'conflict'],
  example: { output: { status_code: 200, body: [] } },
});

export const deletePin = contract({
  operation: 'deletePin',
  method: 'DELETE',
  path: '/api/workflows/{id}/test/pins/{step_id}',
  tag,
  permission: 'workflows:write',
  status: 204,
  summary: 'Unpin a step',
  params: PinParams,
  answer: z.null(),
  errors: ['not_found'],
});
