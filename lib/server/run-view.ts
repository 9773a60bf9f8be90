import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { RunRow } from '#lib/contracts/runs.ts';
import { type FullRun, findRun, type RunRecord } from '#lib/db/run-list.ts';
import type { RunStatus } from '#lib/engine/events.ts';
import { secondsBetween } from './workflow-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

export function noRun(): AppError {
  return new AppError('not_found', 'There is no such run.');
}

/** The database's form of a run id; throws `not_found` for what is no such id. */
export function runUuid(id: string): string {
  const uuid = uuidFromId('run', id);
  if (uuid === null) throw noRun();
  return uuid;
}

/** A run of the caller's workspace; throws `not_found`. */
export async function loadRun(access: Access, id: string): Promise<FullRun> {
  const run = await findRun(workspaceUuid(access), runUuid(id));
  if (run === null) throw noRun();
  return run;
}

/** A run as lists show it. */
export function runRow(record: RunRecord): RunRow {
  return {
    id: record.id,
    external_id: record.externalId,
    workflow_id: record.workflowId,
    workflow_name: record.workflowName,
    version: record.version,
    status: record.status as RunStatus,
    trigger: record.trigger,
    parent_run_id: record.parentRunId,
    parent_step: record.parentStep,
    error: record.error,
    created_at: record.createdAt.toISOString(),
    started_at: record.startedAt?.toISOString() ?? null,
    completed_at: record.completedAt?.toISOString() ?? null,
    duration_seconds: secondsBetween(record.startedAt, record.completedAt),
    progress: record.progress,
    forked_from: record.forkedFrom,
  };
}
