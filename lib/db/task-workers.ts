import { uuidv7 } from '#lib/base/ids.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import { pool } from './client.ts';
import { type ClaimedStep, freeRemote } from './remote-steps.ts';

/**
 * Task workers: processes of a workspace's own that execute its code and ask for work over HTTP. Each is a row among the
 * workers, so that offers, claims, reports and the judgement of the dead are the same; but it holds no connection, and lives
 * by its lease alone.
 */
export interface NewTaskWorker {
  readonly workspaceUuid: string;
  readonly name: string;
  /** Queues of the offers that it takes. */
  readonly queues: readonly string[];
  readonly slots: number;
  readonly leaseMs: number;
}

export interface TaskWorkerRow {
  readonly id: string;
  readonly queues: readonly string[];
  readonly leaseMs: number;
}

/** Answers its uuid. */
export async function insertTaskWorker({ workspaceUuid, name, queues, slots, leaseMs }: NewTaskWorker): Promise<string> {
  const id = uuidv7();
  await pool().query(
    `insert into worker (id, name, queues, slots, lease_until, workspace_id, lease_ms, engine)
      values ($1, $2, $3, $4, now() + $6 * interval '1 ms', $5, $6, $7)`,
    [id, name, queues, slots, workspaceUuid, leaseMs, ENGINE_VERSION],
  );
  return id;
}

/** Prolongs the lease. Null: it is gone, was declared dead, or is another workspace's. */
export async function beatTaskWorker(workspaceUuid: string, uuid: string): Promise<TaskWorkerRow | null> {
  const { rows } = await pool().query<TaskWorkerRow>({
    name: 'beat_task_worker',
    text: `update worker set heartbeat_at = now(), lease_until = now() + lease_ms * interval '1 ms'
      where id = $2 and workspace_id = $1 and status = 'alive' returning id, queues, lease_ms as "leaseMs"`,
    values: [workspaceUuid, uuid],
  });
  return rows[0] ?? null;
}

/** Ends it in good order: what it had under way is offered to others at once. False: there is no such worker any more. */
export async function endTaskWorker(workspaceUuid: string, uuid: string): Promise<boolean> {
  const { rowCount } = await pool().query(
    "update worker set status = 'stopped', lease_until = now() where id = $2 and workspace_id = $1 and status = 'alive'",
    [workspaceUuid, uuid],
  );
  if (rowCount === 1) await freeRemote();
  return rowCount === 1;
}

/** Work that a task worker has claimed, and how its run stands. */
export interface ClaimedWork extends ClaimedStep {
  readonly runStatus: string;
}

/** What a living worker of this workspace has claimed, by the id of the offer. */
export async function claimedWork(workspaceUuid: string, uuid: string): Promise<Map<string, ClaimedWork>> {
  const { rows } = await pool().query<ClaimedWork>({
    name: 'claimed_work',
    text: `select w.id, w.run_id as "runId", w.step, w.token, w.attempt, r.status as "runStatus"
      from worker x join wait w on w.claimed_by = x.id join run r on r.id = w.run_id
      where x.id = $2 and x.workspace_id = $1 and x.status = 'alive' order by w.id`,
    values: [workspaceUuid, uuid],
  });
  return new Map(rows.map((row) => [row.id, row]));
}
