import type { PoolClient } from 'pg';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Concurrency } from '#lib/workflow/definition.ts';
import { pool, relaxedPool } from './client.ts';
import { CONTROL_CHANNEL } from './notify.ts';

/**
 * Limits on runs that hold for all workers together. A limited run is claimed only when it has a row in `limit_slot`; who
 * gets one is decided by functions of the database, under the lock of the limit's row (migration 0030). This file calls
 * them. Runs without a limit never come here.
 */
export interface NewRunLimit {
  /** Names the limit: the workflow's uuid, and the value of the definition's `key` where it has one. */
  readonly key: string;
  readonly workflowUuid: string;
  readonly max: number;
  readonly onLimit: 'queue' | 'skip' | 'cancel_running';
  /** Runs that wait or are paused keep their slot. */
  readonly holdsWaiting: boolean;
  /** True for the newest version: what it says holds for all that wait. An older one or a draft only follows. */
  readonly current: boolean;
}

type Client = Pick<PoolClient, 'query'>;

/** Why a run of a workflow with `on_limit: skip` ended as it was started. */
export const LIMIT_ERROR = {
  code: 'CONCURRENCY_LIMIT',
  message: 'The workflow has as many runs under way as its limit allows, and says that further ones are skipped',
} as const;

/**
 * Puts new runs behind their limits and lets in as many as there is room for. Answers the runs (uuids) that ended at once,
 * because their limit says `skip`. The caller's transaction has just inserted them with the gate `pending`.
 */
export async function admitNew(client: Client, runs: readonly { readonly id: string; readonly limit: NewRunLimit }[]): Promise<string[]> {
  const limits = new Map<string, NewRunLimit>();
  for (const { limit } of runs) if (limit.current || !limits.has(limit.key)) limits.set(limit.key, limit);
  const rows = [...limits.values()].map(({ key, workflowUuid, max, onLimit, holdsWaiting, current }) => {
    return { key, workflow_id: workflowUuid, max, on_limit: onLimit, holds_waiting: holdsWaiting, current };
  });
  await client.query(STORE, [JSON.stringify(rows)]);
  const ids = runs.map((run) => run.id);
  await settleLimits(client, ids);
  const skip = runs.filter((run) => run.limit.onLimit === 'skip').map((run) => run.id);
  if (skip.length === 0) return [];
  const { rows: skipped } = await client.query<{ run_id: string }>(SKIP, [skip, JSON.stringify(LIMIT_ERROR)]);
  return skipped.map((row) => row.run_id);
}

// The update locks the row in any case, in key order, so that the sweep cannot take it away meanwhile.
const STORE = `
with wanted as materialized (
  select * from json_to_recordset($1::json) as r(key text, workflow_id uuid, max int, on_limit text, holds_waiting bool, current bool)
)
insert into "limit" (key, workflow_id, max, on_limit, holds_waiting)
select key, workflow_id, max, on_limit, holds_waiting from wanted order by key
on conflict (key) do update set updated_at = now(), (max, on_limit, holds_waiting) = (
  select case when w.current then w.max else "limit".max end, case when w.current then w.on_limit else "limit".on_limit end,
    case when w.current then w.holds_waiting else "limit".holds_waiting end
  from wanted w where w.key = excluded.key)`;

const SKIP = `
with ended as (
  update run set status = 'cancelled', gate = null, error = $2::json, completed_at = now(), last_seq = last_seq + 1
  where id = any($1) and gate = 'pending' returning id, last_seq, completed_at
)
insert into run_event (run_id, seq, type, at, data)
select id, last_seq, 'run_completed', completed_at,
  json_build_object('status', 'cancelled', 'output', null, 'error', $2::json, 'duration_seconds', 0)
from ended returning run_id`;

/** The part of a limit that a definition says. */
export function limitSettings(concurrency: Concurrency): Pick<NewRunLimit, 'max' | 'onLimit' | 'holdsWaiting'> {
  const { limit, on_limit = 'queue', hold_while_waiting = false } = concurrency;
  return { max: limit, onLimit: on_limit, holdsWaiting: hold_while_waiting };
}

/** Makes sure that the limit of a run which goes on is there: limits that nobody uses are swept away. The caller holds its row. */
export async function keepLimit(client: Client, runUuid: string, settings: ReturnType<typeof limitSettings>): Promise<void> {
  const { max, onLimit, holdsWaiting } = settings;
  await client.query(
    `insert into "limit" (key, workflow_id, max, on_limit, holds_waiting)
     select concurrency_key, workflow_id, $2, $3, $4 from run where id = $1 on conflict (key) do update set updated_at = now()`,
    [runUuid, max, onLimit, holdsWaiting],
  );
}

/**
 * After any change of runs with a limit, in the transaction that made it and holds their rows: gives back the slots that
 * they need no longer, asks for those they need again, and lets in who comes next.
 */
export async function settleLimits(client: Client, uuids: readonly string[]): Promise<void> {
  await client.query('select settle_limits($1)', [uuids]);
}

/** Lets in who comes next after runs of these limits were deleted, in the same transaction. */
export async function admitRuns(client: Client, keys: readonly string[]): Promise<void> {
  await client.query('select admit_runs($1)', [keys]);
}

/** Asks for slots again for parked runs that are due. Cheap where there are none. */
export async function wakeParked(): Promise<void> {
  await relaxedPool().query({ name: 'wake_parked', text: 'select wake_parked()' });
}

/** Compares slots, gates and limits to the runs that there are and sets right what differs. Answers how many slots were wrong. */
export async function sweepLimits(): Promise<number> {
  const { rows } = await pool().query<{ wrong: number }>('select sweep_limits() as wrong');
  return rows[0]?.wrong ?? 0;
}

/** A run that has to make room and that nobody drives, so that its control flag would not be seen. */
export interface Evicted {
  readonly workspaceId: string;
  readonly runId: string;
}

/**
 * For limits that say `cancel_running`: asks all but the newest runs to end, as many as the limit has no room for. Those
 * that a worker drives have their flag; the others are answered (wire ids), for the caller to cancel.
 */
export async function evictOldest(keys: readonly string[] | null): Promise<Evicted[]> {
  const { rows } = await pool().query<{ id: string; workspace_id: string; owner: string | null }>(EVICT, [keys]);
  return rows
    .filter((row) => row.owner === null)
    .map((row) => ({ workspaceId: idFromUuid('ws', row.workspace_id), runId: idFromUuid('run', row.id) }));
}

// Runs that gave their slot back while they wait are no holders and stay.
const EVICT = `
with live as (
  select r.id, l.max, row_number() over (partition by r.concurrency_key order by r.id desc) as place
  from "limit" l join run r on r.concurrency_key = l.key
  where l.on_limit = 'cancel_running' and ($1::text[] is null or l.key = any($1))
    and r.status not in ('completed', 'failed', 'cancelled') and r.gate is distinct from 'parked'
), flagged as (
  update run set control = 'cancel' from live where run.id = live.id and live.place > live.max
    and run.status not in ('completed', 'failed', 'cancelled') and (run.control not in ('cancel', 'rollback') or run.owner is null)
  returning run.id, run.workspace_id, run.owner
)
select id, workspace_id, owner, case when owner is not null then pg_notify('${CONTROL_CHANNEL}', id::text) end from flagged`;
