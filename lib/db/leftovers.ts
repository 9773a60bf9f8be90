import { setTimeout as pause } from 'node:timers/promises';
import { pool } from './client.ts';
import { deleteRunsOf, deleteStrayRows } from './delete-runs.ts';

const BATCH = 500;
/** Milliseconds in which a worker has noticed that a run is gone. */
const LOSE_MS = 500;

/** Deletes every run of a workflow, whatever it does, and what workers write for those until they notice. Answers how many. */
export async function deleteAllRunsOf(workflowUuid: string): Promise<number> {
  const driven: string[] = [];
  let count = 0;
  for (;;) {
    const batch = await deleteRunsOf(workflowUuid, BATCH);
    driven.push(...batch.driven);
    count += batch.deleted;
    if (batch.deleted < BATCH) break;
  }
  if (driven.length > 0) {
    await pause(LOSE_MS);
    await deleteStrayRows(driven);
  }
  return count;
}

// One step in the index for each workflow that has runs, however many runs those are.
const ORPHANED = `
with recursive seen as (
  (select workflow_id from run order by workflow_id limit 1)
  union all
  select (select run.workflow_id from run where run.workflow_id > seen.workflow_id order by run.workflow_id limit 1)
  from seen where seen.workflow_id is not null
)
select workflow_id as id from seen where workflow_id is not null and not exists (select from workflow where id = workflow_id)`;

/**
 * Deletes the runs of workflows that are gone. A start that looked its workflow up a moment before the deletion may
 * store its run a moment after it, where nobody could find it. Answers how many there were.
 */
export async function deleteOrphanRuns(): Promise<number> {
  const { rows } = await pool().query<{ id: string }>(ORPHANED);
  let count = 0;
  for (const { id } of rows) count += await deleteAllRunsOf(id);
  return count;
}

/**
 * Deletes definitions that no version and no run names, such as those of test runs that are gone. One that was stored
 * (again) within a day is left: its version or run may be about to be written. Answers how many.
 */
export async function deleteUnusedDefinitions(): Promise<number> {
  const { rows } = await pool().query<{ hash: string }>(
    `select hash from definition where created_at < now() - interval '1 day'
       and not exists (select from version where definition_hash = hash)`,
  );
  // Most of the time there is none, and the runs need not be looked through.
  if (rows.length === 0) return 0;
  const { rowCount } = await pool().query(
    `delete from definition d where hash = any($1) and created_at < now() - interval '1 day'
       and not exists (select from version where definition_hash = d.hash) and not exists (select from run where definition_hash = d.hash)`,
    [rows.map((row) => row.hash)],
  );
  return rowCount ?? 0;
}
