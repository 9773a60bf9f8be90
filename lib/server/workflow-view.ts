import { TriggerType, type Workflow, type WorkflowRow, WorkflowStatus } from '#lib/contracts/workflows.ts';
import { definitionHash } from '#lib/db/definitions.ts';
import { findDraft } from '#lib/db/drafts.ts';
import { nextDueOf } from '#lib/db/schedules.ts';
import { findVersion } from '#lib/db/versions.ts';
import { type RecentRun, recentRunsOf, type WorkflowRecord } from '#lib/db/workflows.ts';
import type { RunStatus } from '#lib/engine/events.ts';

/** Runs that a row of the list shows as ticks. */
export const RECENT_RUNS = 20;

/** A workflow as lists show it. */
export function workflowRow(record: WorkflowRecord, recent: readonly RecentRun[], nextDue: Date | undefined): WorkflowRow {
  return {
    id: record.id,
    name: record.name,
    description: record.description,
    version: record.version,
    status: WorkflowStatus.catch('draft').parse(record.status),
    trigger_type: TriggerType.catch('manual').parse(record.triggerType),
    tags: [...record.tags],
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
    next_run_at: nextDue?.toISOString() ?? null,
    recent_runs: recent.map((run) => ({
      id: run.id,
      status: run.status as RunStatus,
      started_at: run.startedAt?.toISOString() ?? null,
      duration_seconds: secondsBetween(run.startedAt, run.completedAt),
    })),
  };
}

/** A workflow with its newest version, or its draft where it has none yet. */
export async function workflowView(record: WorkflowRecord): Promise<Workflow> {
  const [newest, draft, recent, due] = await Promise.all([
    record.version === 0 ? null : findVersion(record.uuid, record.version),
    findDraft(record.uuid),
    recentRunsOf([record.uuid], RECENT_RUNS),
    nextDueOf([record.uuid]),
  ]);
  const definition = newest?.definition ?? draft?.definition;
  if (definition === undefined) throw new Error(`Workflow ${record.id} has neither a version nor a draft`);
  return {
    ...workflowRow(record, recent.get(record.uuid) ?? [], due.get(record.uuid)),
    definition,
    has_draft: newest === null || (draft !== null && definitionHash(draft.definition) !== newest.definitionHash),
  };
}

/** Seconds from one moment to another, null while one of them is missing. */
export function secondsBetween(from: Date | null, to: Date | null): number | null {
  return from === null || to === null ? null : Math.max(0, to.getTime() - from.getTime()) / 1000;
}
