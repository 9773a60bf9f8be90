import { pool } from './client.ts';
import { deleteRuns } from './control-runs.ts';
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
 * Deletes at most `most` runs of a workflow with their journals, whatever they do; a worker that still drives one loses
 * it at its next append. Answers how many.
 */
export async function deleteRunsOf(workflowUuid: string, most: number): Promise<number> {
  return transaction(async (client) => {
    const { rows } = await client.query<{ id: string }>('select id from run where workflow_id = $1 limit $2 for update', [
      workflowUuid,
      most,
    ]);
    if (rows.length > 0) {
      await deleteRuns(
        client,
        rows.map((row) => row.id),
      );
    }
    return rows.length;
  });
}
