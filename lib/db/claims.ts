import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Control } from '#lib/engine/control.ts';
import type { RunStatus } from '#lib/engine/events.ts';
import type { JournalRow } from '#lib/engine/journal-row.ts';
import type { Message } from '#lib/engine/message.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import { pool, relaxedPool } from './client.ts';
import { MAX_CRASHES, SUSPECT_CRASHES } from './crashes.ts';
import { wakeParked } from './limits.ts';
import { readMail } from './mailbox.ts';
import { readAllRows } from './run-events.ts';
import { type Transaction, transaction } from './transaction.ts';

/** A run that this worker now drives. */
export interface ClaimedRun {
  /** Uuids. */
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly version: number | null;
  readonly definitionHash: string;
  readonly trigger: string;
  /** The schedule and due time that started it, null for others. */
  readonly schedule: JsonObject | null;
  /** What the run that it continues has left for it, null where there is none. */
  readonly savedState: Json;
  readonly epoch: number;
  readonly status: RunStatus;
  readonly lastSeq: number;
  readonly crashes: number;
  readonly control: Control;
  /** It holds a slot of a limit. */
  readonly limited: boolean;
  /** A step of another run waits for its end. */
  readonly reports: boolean;
  /** Messages ever posted to it, and those that nobody has read. */
  readonly mail: number;
  readonly messages: readonly Message[];
  readonly input: Json;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds that its start allows it to take, null for no limit of its own. */
  readonly timeoutMs: number | null;
  /** Null where the run is new: its journal is `run_queued` alone. */
  readonly journal: readonly JournalRow[] | null;
}

interface Row {
  id: string;
  workspace_id: string;
  workflow_id: string;
  version: number | null;
  definition_hash: string;
  trigger: string;
  schedule: JsonObject | null;
  saved_state: Json;
  epoch: number;
  status: RunStatus;
  last_seq: number;
  crashes: number;
  control: Control;
  concurrency_key: string | null;
  parent_waits: boolean;
  mail: number;
  input: Json;
  created_at: Date;
  timeout_ms: string | null;
}

/** Who claims, and what for. */
export interface Claimer {
  /** Uuid. */
  readonly workerId: string;
  readonly queues: readonly string[];
  /** What it can read and write: runs that a newer engine has written to are left alone. */
  readonly engine?: number;
  /** It drives no run at the moment that may be what ends its workers. */
  readonly takesSuspect?: boolean;
}

// Order, priority and fairness are decided here and not by the jobs that woke us: the most urgent first, then the oldest.
// The worker's row is locked for key share, so that no claim slips past a reaper that has just declared it dead.
// A claimed run is running: the first rows of a run then leave its row alone.
const CLAIM = `
with me as materialized (select id from worker where id = $1 and status = 'alive' for key share),
fresh as materialized (
  select picked.id, picked.priority from me, unnest($3::text[]) as served(queue),
  lateral (select id, priority from run where queue = served.queue and status = 'queued' and gate is null and owner is null
    and engine <= $4 order by priority desc, id limit $2 for update skip locked) picked
), picked as (select id from fresh order by priority desc, id limit $2)
update run set owner = $1, epoch = epoch + 1, engine = $4, status = 'running', started_at = coalesce(started_at, now()) from picked where run.id = picked.id
returning run.id, workspace_id, workflow_id, version, definition_hash, trigger, schedule, saved_state, epoch, status, last_seq, crashes, control, mail, input, created_at, concurrency_key, parent_waits, timeout_ms`;

const CLAIM_RETURNED = `
with me as materialized (select id from worker where id = $1 and status = 'alive' for key share),
back as materialized (
  select picked.id from me, lateral (select id from run where status in ('running', 'pausing', 'rolling_back') and owner is null
    and gate is null and queue = any($3) and engine <= $4 and (crashes < ${SUSPECT_CRASHES} or crashes >= ${MAX_CRASHES})
    order by id limit $2 for update skip locked) picked
), suspect as materialized (
  select picked.id from me, lateral (select id from run where status in ('running', 'pausing', 'rolling_back', 'waiting') and owner is null
    and (status <> 'waiting' or wake_at <= now() + interval '1 ms') and gate is null and queue = any($3) and engine <= $4
    and crashes >= ${SUSPECT_CRASHES} and crashes < ${MAX_CRASHES} and $5 order by id limit 1 for update skip locked) picked
), due as materialized (
  select picked.id from me, lateral (select id from run where status = 'waiting' and owner is null and wake_at <= now() + interval '1 ms'
    and gate is null and queue = any($3) and engine <= $4 and (crashes < ${SUSPECT_CRASHES} or crashes >= ${MAX_CRASHES})
    order by wake_at limit $2 for update skip locked) picked
), picked as (select id from suspect union all select id from back union all select id from due limit $2)
update run set owner = $1, epoch = epoch + 1, engine = $4 from picked where run.id = picked.id
returning run.id, workspace_id, workflow_id, version, definition_hash, trigger, schedule, saved_state, epoch, status, last_seq, crashes, control, mail, input, created_at, concurrency_key, parent_waits, timeout_ms`;

/**
 * Takes up to `limit` queued runs. A claim is durable before its runs are driven: rows alone do not ask who owns their run, so
 * an owner whose claim a crash of the database had undone would write beside the next one.
 */
export async function claimQueued({ workerId, queues, engine = ENGINE_VERSION }: Claimer, limit: number): Promise<ClaimedRun[]> {
  return claim('claim', CLAIM, [workerId, limit, queues, engine]);
}

/** Takes runs that were under way and have no owner (after a crash, a drain, a resume), and parked ones that are due. */
export async function claimReturned(claimer: Claimer, limit: number): Promise<ClaimedRun[]> {
  const { workerId, queues, engine = ENGINE_VERSION, takesSuspect = true } = claimer;
  await wakeParked();
  return claim('claim_returned', CLAIM_RETURNED, [workerId, limit, queues, engine, takesSuspect]);
}

/**
 * Gives back runs that the worker owns by its row but does not know of: a claim went through and its answer was lost with
 * the connection. No claim of this worker may be under way, but for one that the server is still at: it is waited for.
 */
export async function giveBackUnknown(workerId: string, known: readonly string[]): Promise<number> {
  return transaction((client) => letGoUnknown(client, workerId, known));
}

/**
 * As `giveBackUnknown`, in the caller's transaction. The worker's row is locked for update first, as by a reaper: claims and
 * appends hold it for key share, so what is under way in the database for this worker is written before, or waits.
 */
export async function letGoUnknown(client: Transaction, workerId: string, known: readonly string[]): Promise<number> {
  await client.query('select from worker where id = $1 for update', [workerId]);
  const { rowCount } = await client.query(GIVE_BACK_UNKNOWN, [[workerId], known]);
  return rowCount ?? 0;
}

/** Uuids of runs that the worker owns and that somebody wants something of: a flag that it may not have heard of. */
export async function flaggedRuns(workerId: string): Promise<string[]> {
  const text = `select id from run where control <> 'none' and owner = $1`;
  const { rows } = await relaxedPool().query<{ id: string }>({ name: 'flagged_runs', text, values: [workerId] });
  return rows.map((row) => row.id);
}

/**
 * Gives back runs whose owner is no living worker: one that stopped while the database did not answer, or whose row is long
 * gone. The reaper sees the living alone. Answers how many.
 */
export async function giveBackOrphans(): Promise<number> {
  const { rowCount } = await relaxedPool().query(`
    ${LET_GO}
    where owner is not null and status in ('queued', 'running', 'waiting', 'pausing', 'rolling_back', 'paused')
      and not exists (select from worker w where w.id = run.owner and w.status = 'alive')`);
  return rowCount ?? 0;
}

/**
 * Takes a run from its owner, who may have added rows without a word in the run's row: with nobody to own it, its last
 * number has to be exact. One that waits is looked at at once, because its owner may have had mail for it or a wish. So is
 * one that is paused and was not given back yet: its owner was still starting a run for it, or had not heard a wish.
 */
const LET_GO = `
update run set owner = null, last_seq = (select max(seq) from run_event where run_id = run.id),
  wake_at = case when status = 'waiting' then now() else wake_at end,
  status = case when status = 'paused' then 'pausing' else status end`;

/**
 * Takes runs from the owners in `$1`, where `also` holds of them, and sets `more`. Answers their ids.
 *
 * Three looks, because each is served by a partial index; there is none on the owner, which changes with every claim. Each
 * updates what it finds itself: joined to a list of all three, an update passes by a row that somebody changes at the same
 * moment, as a cancel does, because PostgreSQL finds nothing in that list when it looks at the new row again.
 */
export function letGoOf(also = '', more = ''): string {
  const look = (name: string, status: string): string =>
    `${name} as (${LET_GO}${more} where owner = any($1) and ${status}${also} returning id)`;
  return `with ${look('busy', `status in ('running', 'pausing', 'rolling_back')`)}, ${look('queued', `status = 'queued'`)},
    ${look('parked', `status = 'waiting'`)} select id from busy union all select id from queued union all select id from parked`;
}

const GIVE_BACK_UNKNOWN = letGoOf(' and id <> all($2::uuid[])');

async function claim(name: string, text: string, values: readonly [string, number, ...unknown[]]): Promise<ClaimedRun[]> {
  if (values[1] < 1) return [];
  const { rows } = await pool().query<Row>({ name, text, values: [...values] });
  // What was under way may have more rows than its run's row knows.
  const known = rows.filter((row) => text === CLAIM_RETURNED || row.last_seq > 1).map((row) => row.id);
  const journals = known.length === 0 ? null : await readAllRows(known);
  const posted = rows.filter((row) => row.mail > 0).map((row) => ({ runId: row.id, after: 0 }));
  const messages = posted.length === 0 ? null : await readMail(posted);
  return rows.map((row) => {
    const journal = journals?.get(row.id) ?? null;
    return {
      id: row.id,
      workspaceId: row.workspace_id,
      workflowId: row.workflow_id,
      version: row.version,
      definitionHash: row.definition_hash,
      trigger: row.trigger,
      schedule: row.schedule,
      savedState: row.saved_state,
      epoch: row.epoch,
      status: row.status,
      lastSeq: journal?.at(-1)?.seq ?? row.last_seq,
      crashes: row.crashes,
      control: row.control,
      limited: row.concurrency_key !== null,
      reports: row.parent_waits,
      mail: row.mail,
      messages: messages?.get(row.id) ?? [],
      input: row.input,
      createdAt: row.created_at.getTime(),
      timeoutMs: row.timeout_ms === null ? null : Number(row.timeout_ms),
      journal,
    };
  });
}
