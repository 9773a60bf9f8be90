import { pool } from './client.ts';

const FINAL = `('completed', 'failed', 'cancelled')`;

/** Removes what hangs on the runs in `gone`; jobs that still name one find nothing to do, unused blobs are swept. */
const WITH_ALL_OF_IT = `
, events as (delete from run_event where run_id in (select id from gone))
, waits as (delete from wait where run_id in (select id from gone))
, inbox_rows as (delete from inbox where run_id in (select id from gone))
, slots as (delete from limit_slot where run_id in (select id from gone))
, blobs as (delete from blob_use where run_id in (select id from gone))
, deliveries as (delete from delivery where run_id in (select id from gone))
select id from gone`;

/** Deletes a finished run of this workspace with its journal. False where there is none, or it still lives. */
export async function deleteFinishedRun(workspaceUuid: string, uuid: string): Promise<boolean> {
  const { rows } = await pool().query(
    `with gone as (delete from run where id = $1 and workspace_id = $2 and status in ${FINAL} returning id) ${WITH_ALL_OF_IT}`,
    [uuid, workspaceUuid],
  );
  return rows.length > 0;
}

/** Deletes at most `most` runs of a workflow, whatever they do; an owner notices at its next append. Answers how many. */
export async function deleteRunsOf(workflowUuid: string, most: number): Promise<number> {
  const { rows } = await pool().query(
    `with gone as (delete from run where id in (select id from run where workflow_id = $1 limit $2) returning id) ${WITH_ALL_OF_IT}`,
    [workflowUuid, most],
  );
  return rows.length;
}

/** Ids (uuids) of runs of a workflow that have not ended, at most `most`. */
export async function liveRunsOf(workflowUuid: string, most: number): Promise<string[]> {
  const { rows } = await pool().query<{ id: string }>(
    `select id from run where workflow_id = $1 and status not in ${FINAL} order by id limit $2`,
    [workflowUuid, most],
  );
  return rows.map((row) => row.id);
}
