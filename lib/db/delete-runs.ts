import { pool } from './client.ts';
import { deleteRuns } from './control-runs.ts';
import { CONTROL_CHANNEL } from './notify.ts';
import { transaction } from './transaction.ts';

/** Ids (uuids) of runs of a workflow that have not ended, oldest first, at most `most`. */
export async function liveRunsOf(workflowUuid: string, most: number): Promise<string[]> {
  const { rows } = await pool().query<{ id: string }>(
    `select id from run where workflow_id = $1 and status not in ('completed', 'failed', 'cancelled') order by id limit $2`,
    [workflowUuid, most],
  );
  return rows.map((row) => row.id);
}

/**
 * Deletes at most `most` runs of a workflow with their journals, whatever they do. Answers how many, and the uuids of those
 * that a worker still drives: it is told to look, and loses them when it does. What it writes until then is `deleteStrayRows`'s.
 */
export async function deleteRunsOf(workflowUuid: string, most: number): Promise<{ deleted: number; driven: string[] }> {
  return transaction(async (client) => {
    const { rows } = await client.query<{ id: string; owner: string | null }>(
      'select id, owner from run where workflow_id = $1 limit $2 for update',
      [workflowUuid, most],
    );
    const ids = rows.map((row) => row.id);
    const driven = rows.filter((row) => row.owner !== null).map((row) => row.id);
    if (ids.length > 0) await deleteRuns(client, ids);
    await client.query('select pg_notify($1, id) from unnest($2::text[]) as id', [CONTROL_CHANNEL, driven]);
    return { deleted: ids.length, driven };
  });
}

/** Deletes what workers wrote for runs that were deleted under their hands. */
export async function deleteStrayRows(uuids: readonly string[]): Promise<void> {
  await pool().query('delete from run_event where run_id = any($1) and not exists (select from run where id = run_id)', [uuids]);
}
