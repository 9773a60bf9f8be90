import type { PoolClient } from 'pg';
import { apply, fold } from '#lib/engine/apply.ts';
import { advance } from '#lib/engine/decide.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { eventsAfter, rowsOf } from '#lib/engine/journal-row.ts';
import { openWaits } from '#lib/engine/open-waits.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { type NewBlob, storeBlobs } from './blobs.ts';
import { loadGraph } from './definitions.ts';
import { WAKE_TASK } from './dispatcher.ts';
import { keepLimit, limitSettings, settleLimits } from './limits.ts';
import { QUEUE_CHANNEL } from './notify.ts';
import { RowArrays } from './row-arrays.ts';
import { readAllRows } from './run-events.ts';
import { headOf } from './run-head.ts';
import { replaceWaits } from './wait-rows.ts';

/** A run's row, held by the caller's transaction. Nobody drives it. */
export interface ParkedRun {
  readonly id: string;
  readonly definition_hash: string;
  readonly last_seq: number;
  readonly concurrency_key: string | null;
}

/** What is added to the journal, and the graph and version it goes on with where that is another. */
export interface Change {
  readonly event: NewRunEvent;
  readonly onto?: { readonly graph: Graph; readonly hash: string; readonly version: number | null };
}

/** The run as its journal tells it. */
export async function loadState(run: Pick<ParkedRun, 'id' | 'definition_hash'>, catalog: StepCatalog): Promise<RunState> {
  const [graph, journals] = await Promise.all([loadGraph(run.definition_hash, catalog), readAllRows([run.id])]);
  return fold(graph, eventsAfter(journals.get(run.id) ?? [], 0));
}

/** Appends an event and all that follows from it, and moves the run's row with them. Answers the state after. */
export async function changeParked(client: PoolClient, run: ParkedRun, before: RunState, change: Change): Promise<RunState> {
  const state = change.onto === undefined ? before : await refold(run, change.onto.graph);
  apply(state, change.event);
  // Work that falls due is not done here: it is found again by the worker that claims the run.
  const events = [change.event, ...advance(state, change.event.at).events];
  const numbered = events.map((one, index) => ({ ...one, seq: run.last_seq + 1 + index }));
  const blobs: NewBlob[] = [];
  const rows = new RowArrays();
  for (const row of rowsOf(numbered)) rows.add(1, run.id, row, blobs);
  await storeBlobs(blobs);
  const head = headOf(state);
  if (change.onto !== undefined) {
    const { hash, version } = change.onto;
    await client.query('update run set definition_hash = $2, version = $3 where id = $1', [run.id, hash, version]);
  }
  await client.query(APPEND_UNOWNED, [
    run.id,
    run.last_seq + events.length,
    head.status,
    ...[head.startedAt, head.completedAt, head.wakeAt, head.deadline],
    head.output === null ? null : JSON.stringify(head.output),
    head.error === null ? null : JSON.stringify(head.error),
    head.progress,
    ...rows.values(),
  ]);
  await replaceWaits(client, run.id, openWaits(state));
  if (!isFinal(state.status) && state.status !== 'paused') {
    await client.query(`select graphile_worker.add_job('${WAKE_TASK}', '{"returned":true}'), pg_notify('${QUEUE_CHANNEL}', 'returned')`);
  }
  // Even where nothing changed for the limit: while we held the row, a free slot may have passed it by.
  if (run.concurrency_key !== null) {
    const { concurrency } = state.graph.definition;
    // One that ended long ago may have outlived its limit.
    if (concurrency !== undefined && !isFinal(state.status)) await keepLimit(client, run.id, limitSettings(concurrency));
    await settleLimits(client, [run.id]);
  }
  return state;
}

async function refold(run: ParkedRun, graph: Graph): Promise<RunState> {
  return fold(graph, eventsAfter((await readAllRows([run.id])).get(run.id) ?? [], 0));
}

// What came while the run was paused wakes it when it goes on; whoever posts holds the run's row, as we do.
const APPEND_UNOWNED = `
with moved as (
  update run set last_seq = $2, status = $3, started_at = to_timestamp($4::bigint / 1000.0), completed_at = to_timestamp($5::bigint / 1000.0),
    wake_at = case when $3 = 'waiting' and exists (select from inbox where run_id = $1) then now() else to_timestamp($6::bigint / 1000.0) end,
    deadline = to_timestamp($7::bigint / 1000.0), output = $8::json, error = $9::json, progress = $10,
    control = 'none', crashes = 0, engine = greatest(engine, ${ENGINE_VERSION})
  where id = $1 returning id
)
insert into run_event (run_id, seq, type, step, attempt, at, data)
select moved.id, e.seq, e.type, e.step, e.attempt, to_timestamp(e.at), e.data::json
from unnest($11::int[], $12::int[], $13::text[], $14::text[], $15::int[], $16::float8[], $17::text[])
  as e(place, seq, type, step, attempt, at, data), moved`;
