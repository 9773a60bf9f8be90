import type { PoolClient } from 'pg';
import { uuidFromId } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { pool } from './client.ts';

/** An approval that waits for its decision. Ids are uuids. */
export interface ApprovalRow {
  readonly id: string;
  readonly run_id: string;
  readonly workflow_id: string;
  readonly workflow_name: string;
  readonly definition_hash: string;
  readonly step: string;
  readonly token: string;
  readonly data: Json;
  readonly wake_at: Date | null;
  readonly created_at: Date;
}

const FIND = `
select w.id, w.run_id, w.workflow_id, f.name as workflow_name, r.definition_hash, w.step, w.token, w.data, w.wake_at, w.created_at
from wait w join workflow f on f.id = w.workflow_id join run r on r.id = w.run_id
where w.workspace_id = $1 and w.kind = 'approval'`;

export interface ApprovalQuery {
  readonly runUuid: string | null;
  readonly step: string | null;
  readonly limit: number;
  readonly offset: number;
  /** Id of the last one that was given; it wins over the offset. */
  readonly after: string | null;
}

/** Open approvals of a workspace, oldest first; of one run, or one of its steps, where they are named. */
export async function listApprovalRows(
  workspaceUuid: string,
  { runUuid, step, limit, offset, after }: ApprovalQuery,
): Promise<{ rows: ApprovalRow[]; total: number; more: boolean }> {
  const [found, counted] = await Promise.all([
    pool().query<ApprovalRow>(
      `${FIND} and ($2::uuid is null or w.run_id = $2) and ($3::text is null or w.step = $3) and ($4::uuid is null or w.id > $4)
      order by w.id limit $5 offset $6`,
      [workspaceUuid, runUuid, step, after, limit + 1, after === null ? offset : 0],
    ),
    pool().query<{ total: number }>(
      `select count(*)::int as total from wait
      where workspace_id = $1 and kind = 'approval' and ($2::uuid is null or run_id = $2) and ($3::text is null or step = $3)`,
      [workspaceUuid, runUuid, step],
    ),
  ]);
  return { rows: found.rows.slice(0, limit), total: counted.rows[0]?.total ?? 0, more: found.rows.length > limit };
}

/** An open approval of the workspace, or null. */
export async function findApproval(workspaceUuid: string, approvalId: string): Promise<ApprovalRow | null> {
  const id = uuidFromId('appr', approvalId);
  if (id === null) return null;
  const { rows } = await pool().query<ApprovalRow>(`${FIND} and w.id = $2`, [workspaceUuid, id]);
  return rows[0] ?? null;
}

/**
 * Takes an approval for whoever asks first, unless its time is over (which stands still while the run is paused): true for one
 * caller only. In the transaction that tells the run. The run's row is locked first, as everybody does.
 */
export async function takeApproval(
  client: Pick<PoolClient, 'query'>,
  approval: Pick<ApprovalRow, 'id' | 'run_id' | 'token'>,
): Promise<boolean> {
  const { rows } = await client.query<{ paused: boolean }>(
    `select status in ('pausing', 'paused') as paused from run where id = $1 for update`,
    [approval.run_id],
  );
  const { rowCount } = await client.query('delete from wait where id = $1 and token = $2 and ($3 or wake_at is null or wake_at > now())', [
    approval.id,
    approval.token,
    rows[0]?.paused ?? false,
  ]);
  return rowCount === 1;
}

/** Uuids of the runs of a workflow that wait for an event of this type, the oldest wait first. */
export async function runsWaitingFor(workflowUuid: string, eventType: string): Promise<string[]> {
  const { rows } = await pool().query<{ run_id: string }>(
    `select run_id from wait where workflow_id = $1 and match_key = $2 and kind = 'event' group by run_id order by min(id::text)`,
    [workflowUuid, eventType],
  );
  return rows.map((row) => row.run_id);
}

/** Takes all waits of a run out of the lists, for one that ends without its steps being known. */
export async function forgetWaits(runUuid: string): Promise<void> {
  await pool().query('delete from wait where run_id = $1', [runUuid]);
}
