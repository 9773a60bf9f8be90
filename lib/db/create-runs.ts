import type { PoolClient, QueryConfig } from 'pg';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid, uuidv7 } from '#lib/base/ids.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { NewRunEvent, RunEvent } from '#lib/engine/events.ts';
import { rowsOf } from '#lib/engine/journal-row.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import { Batcher } from './batcher.ts';
import { type NewBlob, storeBlobs } from './blobs.ts';
import { pool } from './client.ts';
import { ensureDispatcher, WAKE_TASK } from './dispatcher.ts';
import { admitNew, type NewRunLimit } from './limits.ts';
import { NEW_RUNS, NEXT_PARAMETER, type NewRunRow, newRunArrays, newRunRow } from './new-run-rows.ts';
import { QUEUE_CHANNEL } from './notify.ts';
import { RowArrays } from './row-arrays.ts';
import { type Transaction, transaction } from './transaction.ts';

/** A run to be started. Ids are wire ids (`ws_…`, `wf_…`). */
export interface NewRun {
  /** Its id, where the caller has given it one: a second one of the same id is not made. */
  readonly uuid?: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  /** Null for a test run of the draft. */
  readonly version: number | null;
  readonly definitionHash: string;
  readonly trigger: string;
  readonly input: Json;
  readonly priority?: number;
  readonly queue?: string;
  /** A second run of the workflow with the same key is not made; the first one is answered. */
  readonly idempotencyKey?: string | null;
  readonly externalId?: string | null;
  readonly handlerId?: string | null;
  readonly callbackUrl?: string | null;
  /** Milliseconds that it may take from its first step. */
  readonly timeoutMs?: number | null;
  /** What the run that it continues has left for it. */
  readonly savedState?: Json;
  /** Seconds that it is kept after its end; without it what the workflow says. */
  readonly retention?: RunRetention | null;
  readonly parentRunId?: string | null;
  readonly parentStep?: string | null;
  /** That step waits for the end of this run. */
  readonly parentWaits?: boolean;
  readonly forkedFrom?: string | null;
  /** What it begins with, behind `run_queued`: the results that a fork keeps. */
  readonly journal?: readonly NewRunEvent[];
  /** What keeps it from starting while too many others are under way. See `run-limit.ts` in lib/server. */
  readonly limit?: NewRunLimit | null;
  /** What expressions see as `run.schedule`; absent where no schedule started it. */
  readonly schedule?: JsonObject | null;
}

/** Null: for ever. */
export interface RunRetention {
  readonly success: number | null;
  readonly error: number | null;
}

export interface CreatedRun {
  /** `run_…` */
  readonly runId: string;
  /** False: the workflow already had a run with this idempotency key or external id, and this is it. */
  readonly created: boolean;
  /** True: that run was made by this same idempotency key. */
  readonly repeated: boolean;
  /** True: its limit says `skip` and was reached, so it ended as it was made. */
  readonly skipped: boolean;
}

/** Runs of one statement. */
const MAX_BATCH = 1000;
const registry = globalThis as typeof globalThis & { weftlineCreator?: Batcher<NewRun, CreatedRun> };

/**
 * Starts one run: stores it with its `run_queued` event and the job that wakes a worker, in one transaction. Concurrent
 * calls of a process share transactions (a commit with NOTIFY takes a lock of the whole server, so fewer are faster).
 * Resolves when the run is durable.
 */
export async function enqueueRun(run: NewRun): Promise<CreatedRun> {
  registry.weftlineCreator ??= new Batcher((runs) => createRuns(runs), MAX_BATCH);
  // Named before the first try: a try whose answer was lost with the connection may have made it, and the next must not make another.
  const uuid = run.uuid ?? uuidv7();
  const answer = await registry.weftlineCreator.add({ ...run, uuid });
  const own = run.uuid === undefined && answer.runId === idFromUuid('run', uuid);
  return own ? { ...answer, created: true } : answer;
}

/**
 * Starts many runs in one transaction (the caller's, where one is given), all or none. Answers in the order given. Without a
 * run there is nothing to do.
 */
export async function createRuns(runs: readonly NewRun[], within?: Transaction): Promise<CreatedRun[]> {
  if (runs.length === 0) return [];
  await ensureDispatcher();
  const now = Date.now();
  const rows = runs.map((run) => newRunRow(run, now));
  const queues = [...new Set(rows.map((row) => row.queue))];
  const statement = { name: 'create_runs', text: CREATE, values: [...newRunArrays(rows), queues.join(','), JSON.stringify({ queues })] };
  const limited = rows.flatMap((row, index) => {
    const limit = runs[index]?.limit;
    return limit == null ? [] : [{ id: row.id, limit }];
  });
  const begun = rows.flatMap((row, index) => {
    const journal = runs[index]?.journal ?? [];
    return journal.length === 0 ? [] : [{ id: row.id, at: row.at, journal }];
  });
  const plain = limited.length === 0 && begun.length === 0;
  const { created, skipped } = plain ? await create(within ?? pool(), statement) : await createWith(statement, { limited, begun, within });
  const others =
    created.size === rows.length
      ? null
      : await existing(
          rows.filter((row) => !created.has(row.id)),
          within ?? pool(),
        );
  return rows.map((row) => {
    if (created.has(row.id)) return { runId: idFromUuid('run', row.id), created: true, repeated: false, skipped: skipped.has(row.id) };
    const other = others?.get(row.id);
    if (other === undefined)
      throw new AppError('conflict', 'Another run with this key was being made or deleted at the same moment; try again');
    return { runId: idFromUuid('run', other.id), created: false, repeated: other.repeated, skipped: false };
  });
}

interface Made {
  /** Uuids. */
  readonly created: ReadonlySet<string>;
  readonly skipped: ReadonlySet<string>;
}

async function create(client: Pick<PoolClient, 'query'>, statement: QueryConfig): Promise<Made> {
  const { rows } = await client.query<{ id: string }>(statement);
  return { created: new Set(rows.map((row) => row.id)), skipped: new Set() };
}

interface Begun {
  readonly id: string;
  readonly at: number;
  readonly journal: readonly NewRunEvent[];
}

/** With the slots that are free given out, and what a run begins with journaled, in the same transaction. */
async function createWith(
  statement: QueryConfig,
  {
    limited,
    begun,
    within,
  }: {
    readonly limited: readonly { id: string; limit: NewRunLimit }[];
    readonly begun: readonly Begun[];
    readonly within: Transaction | undefined;
  },
): Promise<Made> {
  const work = async (client: Transaction): Promise<Made> => {
    const { created } = await create(client, statement);
    for (const run of begun) if (created.has(run.id)) await appendFirst(client, run);
    const made = limited.filter((run) => created.has(run.id));
    return { created, skipped: new Set(made.length === 0 ? [] : await admitNew(client, made)) };
  };
  return within === undefined ? transaction(work) : work(within);
}

async function appendFirst(client: Pick<PoolClient, 'query'>, { id, at, journal }: Begun): Promise<void> {
  const blobs: NewBlob[] = [];
  const rows = new RowArrays();
  // Nothing of a run is older than itself.
  const events = journal.map((event, index) => ({ ...event, ...('started_at' in event ? { started_at: at } : {}), at, seq: index + 2 }));
  for (const row of rowsOf(events as RunEvent[])) rows.add(1, id, row, blobs);
  await storeBlobs(blobs);
  await client.query(APPEND_FIRST, [id, journal.length + 1, ...rows.values()]);
}

const APPEND_FIRST = `
with moved as (update run set last_seq = $2 where id = $1 returning id)
insert into run_event (run_id, seq, type, step, attempt, at, data)
select moved.id, e.seq, e.type, e.step, e.attempt, to_timestamp(e.at), e.data::json
from unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::int[], $8::float8[], $9::text[])
  as e(place, seq, type, step, attempt, at, data), moved`;

// One statement, hence one transaction and one round trip. The event's data is built by the server: it has no free text.
const CREATE = `
with incoming as materialized (
  select * from ${NEW_RUNS}
), made as (
  insert into run (id, workspace_id, workflow_id, version, definition_hash, trigger, priority, queue, input, idempotency_key, external_id,
    handler_id, callback_url, parent_run_id, parent_step, parent_waits, forked_from, concurrency_key, gate, timeout_ms, retention,
    schedule, saved_state, created_at, last_seq, engine)
  select id, workspace_id, workflow_id, version, definition_hash, trigger, priority, queue, input::json, idempotency_key, external_id,
    handler_id, callback_url, parent_run_id, parent_step, parent_waits, forked_from, concurrency_key, case when concurrency_key is not null then 'pending' end,
    timeout_ms, coalesce(retention::json, (select w.retention from workflow w where w.id = workflow_id)),
    schedule::json, saved_state::json, to_timestamp(at), 1, ${ENGINE_VERSION}
  from incoming on conflict do nothing
  returning id, trigger, version, timeout_ms, created_at
), events as (
  insert into run_event (run_id, seq, type, at, data)
  select id, 1, 'run_queued', created_at, case when timeout_ms is null then json_build_object('trigger', trigger, 'version', version)
    else json_build_object('trigger', trigger, 'version', version, 'timeout_ms', timeout_ms) end from made
), woken as (
  select graphile_worker.add_job('${WAKE_TASK}', $${NEXT_PARAMETER + 1}::json), pg_notify('${QUEUE_CHANNEL}', $${NEXT_PARAMETER})
)
select made.id from made left join woken on true`;

interface Other {
  readonly id: string;
  readonly repeated: boolean;
}

/** The runs that stand in the way of these, by the id that was meant for the new one. */
async function existing(rows: readonly NewRunRow[], client: Pick<PoolClient, 'query'>): Promise<Map<string, Other>> {
  const { rows: found } = await client.query<Other & { wanted: string }>(EXISTING, [
    rows.map((row) => row.id),
    rows.map((row) => row.workflowId),
    rows.map((row) => row.idempotencyKey),
    rows.map((row) => row.externalId),
  ]);
  return new Map(found.map(({ wanted, ...other }) => [wanted, other]));
}

// Three looks, because each is served by an index of its own.
const EXISTING = `
with wanted as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as w(id, workflow_id, idempotency_key, external_id)
), found as (
  select w.id as wanted, r.id, true as repeated from wanted w join run r on r.workflow_id = w.workflow_id and r.idempotency_key = w.idempotency_key
  union all
  select w.id, r.id, coalesce(r.idempotency_key = w.idempotency_key, false) from wanted w
    join run r on r.workflow_id = w.workflow_id and r.external_id = w.external_id
  union all
  select w.id, r.id, coalesce(r.idempotency_key = w.idempotency_key, false) from wanted w join run r on r.id = w.id and r.workflow_id = w.workflow_id
)
select distinct on (wanted) wanted, id, repeated from found order by wanted, id`;
