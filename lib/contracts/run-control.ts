import { z } from 'zod';
import { contract, Id, JsonShape, MAX_INT } from '#lib/contracts/contract.ts';
import { RunParams, RunStatusShape } from '#lib/contracts/runs.ts';

const tag = 'Runs';
const base = { method: 'POST', tag, permission: 'runs:write', status: 202, bodyOptional: true } as const;
const Accepted = z.object({ run_id: z.string(), status: RunStatusShape });
const StepIds = z.array(z.string());
const FromStep = Id.optional().meta({ description: 'Id of the first step that runs again' });
const DryRun = z.boolean().default(false).meta({ description: 'Only answers what would run again and what would be kept' });
const Planned = Accepted.extend({
  runs_again: StepIds.meta({ description: 'Steps that run, or run again' }),
  kept: StepIds.meta({ description: 'Steps whose results stay' }),
});

export const cancelRun = contract({
  ...base,
  operation: 'cancelRun',
  path: '/api/workflows/runs/{run_id}/cancel',
  summary: 'Cancel a run',
  description:
    'Steps that have not started are skipped, running ones are asked to stop. With `rollback` the steps that completed and have an `undo` are undone, last started first. A finished run answers 409.',
  params: RunParams,
  body: z.strictObject({ rollback: z.boolean().default(false) }),
  answer: Accepted,
  errors: ['not_found', 'conflict'],
});

export const pauseRun = contract({
  ...base,
  operation: 'pauseRun',
  path: '/api/workflows/runs/{run_id}/pause',
  summary: 'Pause a run',
  description:
    'From running and waiting; else 409. What is in flight finishes (`pausing`), nothing new starts, and timers and retries stand still: the time spent paused is added to them.',
  params: RunParams,
  answer: Accepted,
  errors: ['not_found', 'conflict'],
});

export const resumeRun = contract({
  ...base,
  operation: 'resumeRun',
  path: '/api/workflows/runs/{run_id}/resume',
  summary: 'Resume a run',
  description:
    'A paused run goes on; one that is still pausing forgets the pause. With `from_step`, failed and cancelled runs too: that step and everything after it run again, earlier results are kept. With `version` it goes on with that version, where every step whose result is kept says the same there; else 409 with the steps that differ.',
  params: RunParams,
  body: z.strictObject({ from_step: FromStep, version: z.int().min(1).max(MAX_INT).optional(), dry_run: DryRun }),
  answer: Planned,
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { from_step: 'notify' },
});

export const restartRun = contract({
  ...base,
  operation: 'restartRun',
  path: '/api/workflows/runs/{run_id}/restart',
  summary: 'Restart a run',
  description:
    'From any status, under the same id and with the same input. All results are dropped, or with `from_step` those of that step and of everything after it. What is in flight is stopped.',
  params: RunParams,
  body: z.strictObject({ from_step: FromStep, dry_run: DryRun }),
  answer: Planned,
  errors: ['not_found', 'conflict', 'validation_error'],
});

export const forkRun = contract({
  ...base,
  operation: 'forkRun',
  path: '/api/workflows/runs/{run_id}/fork',
  summary: 'Fork a run',
  description:
    'A new run that begins at any step of any run: what had ended well before that step is kept, or given another output with `step_outputs`; without `from_step` everything runs. On the version of the run, on any other (`version`), or on the draft.',
  params: RunParams,
  maxBody: 1024 * 1024,
  body: z.strictObject({
    from_step: FromStep,
    input_data: JsonShape.optional().meta({ description: 'Another input; else that of the run' }),
    step_outputs: z.record(z.string().max(200), JsonShape).default({}),
    version: z.int().min(1).max(MAX_INT).optional(),
    draft: z.boolean().default(false),
    dry_run: DryRun,
  }),
  answer: z.object({
    run_id: z.string().nullable().meta({ description: 'The new run; null for a dry run' }),
    forked_from: z.string(),
    runs_again: StepIds,
    kept: StepIds,
  }),
  errors: ['not_found', 'conflict', 'validation_error'],
  example: { from_step: 'notify', step_outputs: { fetch: { status_code: 200, body: [] } } },
});

export const MAX_BULK = 100;

export const bulkRuns = contract({
  operation: 'bulkRuns',
  method: 'POST',
  path: '/api/workflows/runs/bulk',
  tag,
  permission: 'runs:write',
  status: 200,
  summary: 'Cancel, retry or delete many runs',
  description:
    'Up to 100 runs, by their ids or by a filter (newest first). A retry runs again what failed. The answer lists what was done and what was not and why; `more` says that further runs match the filter.',
  body: z
    .strictObject({
      action: z.enum(['cancel', 'retry', 'delete']),
      run_ids: z.array(Id).min(1).max(MAX_BULK).optional(),
      filter: z
        .strictObject({
          workflow_id: Id.optional(),
          status: RunStatusShape.optional(),
          trigger: z.string().max(50).optional(),
          version: z.int().min(1).max(MAX_INT).optional(),
        })
        .optional(),
      rollback: z.boolean().default(false),
    })
    .refine((body) => (body.run_ids === undefined) !== (body.filter === undefined), 'Name either run_ids or a filter'),
  answer: z.object({
    done: StepIds.meta({ description: 'Ids of the runs for which it was done' }),
    failed: z.array(z.object({ run_id: z.string(), code: z.string(), message: z.string() })),
    more: z.boolean(),
  }),
  errors: ['validation_error'],
  example: { action: 'cancel', filter: { status: 'waiting' } },
});
