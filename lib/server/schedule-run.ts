import { AppError } from '#lib/base/errors.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { RunSchedule } from '#lib/contracts/runs.ts';
import type { NewRun } from '#lib/db/create-runs.ts';
import { loadDefinition } from '#lib/db/definitions.ts';
import type { NewRunLimit } from '#lib/db/limits.ts';
import type { HeldSchedule } from '#lib/db/schedule-fires.ts';
import type { PlannedSchedule } from '#lib/workflow/schedule-plan.ts';
import { inputProblems } from './check-input.ts';
import { runLimit } from './run-limit.ts';

/** The schedule as the pure arithmetic takes it. */
export function planned(held: Omit<HeldSchedule, 'now'>): PlannedSchedule {
  const { uuid, cron, timezone, catchUp, catchUpWindow, jitter } = held;
  return { id: uuid, cron, timezone, catchUp, catchUpWindow, jitter };
}

/** Whether the schedule can start a run now: under which limit, or why not, in words. */
export type Readiness = { readonly refusal: string } | { readonly refusal: null; readonly limit: NewRunLimit | null };

export async function readinessOf(held: HeldSchedule): Promise<Readiness> {
  if (held.definitionHash === null) return { refusal: 'The workflow has no version yet.' };
  const definition = await loadDefinition(held.definitionHash);
  const problem = definition.input_schema === undefined ? undefined : inputProblems(definition.input_schema, held.input)[0];
  if (problem !== undefined) return { refusal: `The input no longer fits the workflow: ${problem.path || 'input'}: ${problem.message}` };
  try {
    return { refusal: null, limit: await runLimit(definition, { workflowUuid: held.workflowUuid, input: held.input, current: true }) };
  } catch (thrown) {
    if (thrown instanceof AppError) return { refusal: thrown.message };
    throw thrown;
  }
}

/** A due time that gets its run. */
export interface Start {
  readonly held: HeldSchedule;
  readonly due: number;
  readonly limit: NewRunLimit | null;
}

/** The run of one due time: the newest version with the schedule's input. */
export function runOf({ held, due, limit }: Start, trigger: 'cron' | 'manual'): NewRun {
  if (held.definitionHash === null) throw new AppError('conflict', 'This workflow has no version yet. Save one first.');
  const schedule: RunSchedule = {
    id: idFromUuid('sched', held.uuid),
    name: held.name,
    cron: held.cron,
    timezone: held.timezone,
    due_at: new Date(due).toISOString(),
    due_at_ms: due,
  };
  return {
    workspaceId: idFromUuid('ws', held.workspaceUuid),
    workflowId: idFromUuid('wf', held.workflowUuid),
    version: held.version,
    definitionHash: held.definitionHash,
    trigger,
    input: held.input,
    schedule,
    limit,
  };
}
