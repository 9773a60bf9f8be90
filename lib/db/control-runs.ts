import type { PoolClient } from 'pg';
import { uuidFromId } from '#lib/base/ids.ts';
import { apply, fold } from '#lib/engine/apply.ts';
import { cancelRun, pauseRun, resumeRun } from '#lib/engine/control.ts';
import { advance } from '#lib/engine/decide.ts';
import type { NewRunEvent, RunStatus } from '#lib/engine/events.ts';
import { eventsAfter, rowsOf } from '#lib/engine/journal-row.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { type AuditEntry, insertAuditRow } from './audit.ts';
import { type NewBlob, storeBlobs } from './blobs.ts';
import { loadGraph } from './definitions.ts';
import { ensureDispatcher, WAKE_TASK } from './dispatcher.ts';
import type { Control } from './journal.ts';
import { admitRuns, settleLimits } from './limits.ts';
import { CONTROL_CHANNEL, notifyRuns, QUEUE_CHANNEL } from './notify.ts';
import { RowArrays } from './row-arrays.ts';
import { readAllRows } from './run-events.ts';
import { headOf } from './run-head.ts';
import { transaction } from './transaction.ts';

/** What came of a wish. `refused`: the run's status does not allow it; `status` is the run's, after what was done. */
export type ControlAnswer =
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly status: RunStatus }
  | { readonly kind: 'accepted'; readonly status: RunStatus };

interface Place {
  readonly workspaceId: string;
  readonly runId: string;
  readonly catalog: StepCatalog;
  /** Who asks; without it nothing is noted in the audit log. */
  readonly actor?: AuditEntry['actor'];
}

/**
 * Cancels a run. One that a worker drives gets a flag, which its owner sees within milliseconds; one without an owner
 * (queued, parked, paused) is ended here, in the same transaction. Ids are wire ids.
 */
export async function requestCancel(place: Place): Promise<ControlAnswer> {
  return control(place, 'cancel', (state, now) => cancelRun(state, now));
}

/** Pauses a run: what is in flight finishes, nothing new starts, timers stand still. */
export async function requestPause(place: Place): Promise<ControlAnswer> {
  return control(place, 'pause', (state, now) => pauseRun(state, now));
}

/** Lets a paused run go on. One that is still pausing forgets the wish. */
export async function requestResume(place: Place): Promise<ControlAnswer> {
  return control(place, 'resume', (state, now) => resumeRun(state, now));
}

/** Deletes an ended run with its journal. `live` while it has not ended. */
export async function deleteRun(workspaceId: string, runId: string): Promise<'deleted' | 'live' | 'missing'> {
  const [workspace, run] = [uuidFromId('ws', workspaceId), uuidFromId('run', runId)];
  if (workspace === null || run === null) return 'missing';
  return transaction(async (client) => {
    const row = await lockRun(client, workspace, run);
    if (row === null) return 'missing';
    if (!isFinal(row.status) || row.owner !== null) return 'live';
    await deleteRuns(client, [run]);
    return 'deleted';
  });
}

/** Deletes runs and all that hangs on them, whatever their status. For a caller that has made sure nobody drives them. */
export async function deleteRuns(client: Pick<PoolClient, 'query'>, uuids: readonly string[]): Promise<void> {
  for (const table of ['run_event', 'wait', 'inbox', 'inbox_key', 'blob_use', 'delivery'])
    await client.query(`delete from ${table} where run_id = any($1)`, [uuids]);
  await client.query('delete from run where id = any($1)', [uuids]);
  const { rows } = await client.query<{ key: string }>('delete from limit_slot where run_id = any($1) returning key', [uuids]);
  if (rows.length > 0)
    await admitRuns(
      client,
      rows.map((row) => row.key),
    );
}

interface LockedRun {
  readonly status: RunStatus;
  readonly owner: string | null;
  readonly definition_hash: string;
  readonly last_seq: number;
  readonly control: Control;
  readonly concurrency_key: string | null;
  readonly gate: string | null;
}

async function control(place: Place, flag: Control, wish: (state: RunState, now: number) => NewRunEvent | null): Promise<ControlAnswer> {
  const [workspace, run] = [uuidFromId('ws', place.workspaceId), uuidFromId('run', place.runId)];
  if (workspace === null || run === null) return { kind: 'missing' };
  await ensureDispatcher();
  const answer = await inTurn(async (client): Promise<ControlAnswer> => {
    const answer = await ask(client, workspace, run);
    if (answer.kind === 'accepted' && place.actor !== undefined) {
      const done = { workspaceUuid: workspace, actor: place.actor, action: DONE[flag], targetId: place.runId };
      await insertAuditRow(client, done);
    }
    return answer;
  });
  notifyRuns([run]);
  return answer;

  async function ask(client: PoolClient, workspace: string, run: string): Promise<ControlAnswer> {
    const row = await lockRun(client, workspace, run);
    if (row === null) return { kind: 'missing' };
    if (isFinal(row.status)) return { kind: 'refused', status: row.status };
    // Behind its limit a run has nothing in flight, whatever its status.
    if (row.owner === null && (PARKED.includes(row.status) || row.gate !== null)) {
      const answer = await change(client, run, row, place.catalog, wish);
      // Even where nothing changed: while we held the row, a free slot may have passed it by.
      if (row.concurrency_key !== null) await settleLimits(client, [run]);
      return answer;
    }
    if (flag === 'resume' && row.control !== 'pause' && row.status !== 'pausing') return { kind: 'refused', status: row.status };
    // A cancel is never taken back by a later, weaker wish.
    if (row.control === 'cancel') return { kind: 'accepted', status: row.status };
    await client.query('update run set control = $2 where id = $1', [run, flag]);
    await client.query('select pg_notify($1, $2)', [CONTROL_CHANNEL, run]);
    return { kind: 'accepted', status: row.status };
  }
}

/** How the audit log calls what was asked for. */
const DONE: Record<Control, string> = { none: 'run.looked_at', cancel: 'run.cancelled', pause: 'run.paused', resume: 'run.resumed' };

/** Without an owner, these have nothing in flight that a worker would have to judge first. */
const PARKED: readonly RunStatus[] = ['queued', 'waiting', 'paused'];

/** Appends for a run that nobody drives; the caller holds its row. */
async function change(
  client: PoolClient,
  run: string,
  row: LockedRun,
  catalog: StepCatalog,
  wish: (state: RunState, now: number) => NewRunEvent | null,
): Promise<ControlAnswer> {
  const [graph, journals] = await Promise.all([loadGraph(row.definition_hash, catalog), readAllRows([run])]);
  const state = fold(graph, eventsAfter(journals.get(run) ?? [], 0));
  const event = wish(state, Date.now());
  if (event === null) return { kind: 'refused', status: row.status };
  apply(state, event);
  // Work that falls due is not done here: it is found again by the worker that claims the run.
  const events = [event, ...advance(state, event.at).events];
  const numbered = events.map((one, index) => ({ ...one, seq: row.last_seq + 1 + index }));
  const blobs: NewBlob[] = [];
  const rows = new RowArrays();
  for (const row of rowsOf(numbered)) rows.add(1, run, row, blobs);
  await storeBlobs(blobs);
  const head = headOf(state);
  await client.query(APPEND_UNOWNED, [
    run,
    row.last_seq + events.length,
    head.status,
    ...[head.startedAt, head.completedAt, head.wakeAt, head.deadline],
    head.output === null ? null : JSON.stringify(head.output),
    head.error === null ? null : JSON.stringify(head.error),
    head.progress,
    ...rows.values(),
  ]);
  if (!isFinal(state.status) && state.status !== 'paused') {
    await client.query(`select graphile_worker.add_job('${WAKE_TASK}', '{"returned":true}'), pg_notify('${QUEUE_CHANNEL}', 'returned')`);
  }
  return { kind: 'accepted', status: state.status };
}

const APPEND_UNOWNED = `
with moved as (
  update run set last_seq = $2, status = $3, started_at = to_timestamp($4::bigint / 1000.0), completed_at = to_timestamp($5::bigint / 1000.0),
    wake_at = to_timestamp($6::bigint / 1000.0), deadline = to_timestamp($7::bigint / 1000.0), output = $8::json, error = $9::json, progress = $10,
    control = 'none', crashes = 0
  where id = $1 returning id
)
insert into run_event (run_id, seq, type, step, attempt, at, data)
select moved.id, e.seq, e.type, e.step, e.attempt, to_timestamp(e.at), e.data::json
from unnest($11::int[], $12::int[], $13::text[], $14::text[], $15::int[], $16::float8[], $17::text[])
  as e(place, seq, type, step, attempt, at, data), moved`;

async function lockRun(client: PoolClient, workspace: string, run: string): Promise<LockedRun | null> {
  const { rows } = await client.query<LockedRun>(
    'select status, owner, definition_hash, last_seq, control, concurrency_key, gate from run where id = $1 and workspace_id = $2 for update',
    [run, workspace],
  );
  return rows[0] ?? null;
}

/**
 * A change reads the journal on a second connection while it holds the run's row on its first. If as many changes as the
 * pool has connections began at once, each would wait for a second one for ever.
 */
const MOST_AT_ONCE = 3;
let free = MOST_AT_ONCE;
const queue: (() => void)[] = [];

async function inTurn<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => queue.push(resolve));
  try {
    return await transaction(work);
  } finally {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  }
}
