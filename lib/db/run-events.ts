import { uuidFromId } from '#lib/base/ids.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { eventsAfter, type JournalRow } from '#lib/engine/journal-row.ts';
import { loadBlobs } from './blobs.ts';
import { pool } from './client.ts';

interface Row {
  readonly seq: number;
  readonly type: RunEvent['type'];
  readonly step: string | null;
  readonly attempt: number | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly data: (JsonObject & { blobs?: Record<string, string> }) | null;
}

// Times as numbers: making a Date of each text takes a third of what reading a long journal takes.
const COLUMNS = 'seq, type, step, attempt, (extract(epoch from at) * 1000)::float8 as at, data';
const READ = `select ${COLUMNS} from run_event where run_id = $1 and seq > $2 order by seq limit $3`;

/** Large values of one read: each has up to a few MiB, and every reader of a stream holds its own. */
const MAX_BLOBS = 32;

/**
 * Events of a run after number `afterSeq`, in order, at most about `limit` (a short step's row gives two), fewer where
 * they carry many large values. None mean that there are no more at the moment. An unknown run has none. Check first that
 * the caller may see it.
 */
export async function readEvents(runId: string, afterSeq: number, limit: number): Promise<RunEvent[]> {
  const uuid = uuidFromId('run', runId);
  if (uuid === null) return [];
  const rows = await queryRows(uuid, afterSeq, limit);
  let blobs = 0;
  const over = rows.findIndex((row, index) => {
    blobs += Object.keys(row.data?.blobs ?? {}).length;
    return blobs > MAX_BLOBS && index > 0;
  });
  return eventsAfter(await resolveRows(over === -1 ? rows : rows.slice(0, over)), afterSeq);
}

/** Number of the last event of a run that may be driven just now: its row tells it only while nobody owns it. */
export async function lastSeqOf(runUuid: string): Promise<number> {
  const { rows } = await pool().query<{ last: number | null }>('select max(seq) as last from run_event where run_id = $1', [runUuid]);
  return rows[0]?.last ?? 0;
}

/** Every event of a run. */
export async function readAllEvents(runUuid: string): Promise<RunEvent[]> {
  return eventsAfter(await resolveRows(await queryRows(runUuid, 0, 2_147_483_647)), 0);
}

/** What a step has emitted, in order. */
export async function readStepEmissions(runId: string, step: string): Promise<{ name: string; data: Json }[]> {
  const text = `select seq, type, step, attempt, at, data from run_event where run_id = $1 and step = $2 and type = 'step_emitted' order by seq`;
  const { rows } = await pool().query<Row>({ name: 'read_step_emissions', text, values: [uuidFromId('run', runId), step] });
  return (await resolveRows(rows)).map(({ data }) => ({ name: String(data.name), data: data.data ?? null }));
}

/** The rows of a run's journal after a number, for a reader that keeps what it has folded. */
export async function readRowsAfter(runUuid: string, afterSeq: number): Promise<JournalRow[]> {
  return resolveRows(await queryRows(runUuid, afterSeq, 2_147_483_647));
}

/** What came of some steps of a run, of each after an event number: their ends, and the waits that they have begun. */
export async function readStepNews(
  runUuid: string,
  wanted: readonly { readonly step: string; readonly after: number }[],
): Promise<RunEvent[]> {
  const text = `select ${COLUMNS} from run_event join unnest($3::text[], $4::int[]) as wanted(step, after) using (step)
    where run_id = $1 and seq > $2 and seq > wanted.after and type in ('step_completed', 'step_failed', 'step_waiting') order by seq`;
  const afters = wanted.map((one) => one.after);
  const values = [runUuid, Math.min(...afters), wanted.map((one) => one.step), afters];
  const { rows } = await pool().query<Row>({ name: 'read_step_news', text, values });
  return eventsAfter(await resolveRows(rows), 0);
}

async function queryRows(runUuid: string, afterSeq: number, limit: number): Promise<Row[]> {
  const { rows } = await pool().query<Row>({ name: 'read_events', text: READ, values: [runUuid, afterSeq, limit] });
  return rows;
}

/**
 * As `readRowsAfter`, but large outputs of completed steps stay where they are: in their place stands a mark, for which
 * `markedBlob` tells the hash. So a run of thousands of large outputs can be folded without holding them.
 */
export async function readSlimRowsAfter(runUuid: string, afterSeq: number): Promise<JournalRow[]> {
  const rows = await queryRows(runUuid, afterSeq, 2_147_483_647);
  return resolveRows(rows, (row) => row.type === 'step_completed' && row.step?.includes('[') === false);
}

const marks = new WeakMap<object, string>();

/** The hash of the large value for which this stands; null for a value that stands for itself. */
export function markedBlob(value: Json): string | null {
  return typeof value === 'object' && value !== null ? (marks.get(value) ?? null) : null;
}

function mark(hash: string): Json {
  const made: JsonObject = {};
  marks.set(made, hash);
  return made;
}

/** The whole journals of many runs, by uuid, in order. */
export async function readAllRows(runUuids: readonly string[]): Promise<Map<string, JournalRow[]>> {
  const { rows } = await pool().query<Row & { run_id: string }>({
    name: 'read_journals',
    text: `select run_id, ${COLUMNS} from run_event where run_id = any($1::uuid[]) order by run_id, seq`,
    values: [runUuids],
  });
  const resolved = await resolveRows(rows);
  const byRun = new Map<string, JournalRow[]>();
  for (const [index, row] of resolved.entries()) {
    const runId = rows[index]?.run_id ?? '';
    const known = byRun.get(runId);
    if (known) known.push(row);
    else byRun.set(runId, [row]);
  }
  return byRun;
}

/** Rows become what the engine reads: large values are put back where they were, but for the outputs of `slim` rows. */
async function resolveRows(rows: readonly Row[], slim: (row: Row) => boolean = () => false): Promise<JournalRow[]> {
  const hashes = new Set<string>();
  for (const row of rows) {
    if (row.data?.blobs === undefined) continue;
    for (const [field, hash] of Object.entries(row.data.blobs)) if (field !== 'output' || !slim(row)) hashes.add(hash);
  }
  const blobs = hashes.size === 0 ? new Map<string, Json>() : await loadBlobs([...hashes]);
  return rows.map((row): JournalRow => {
    const { seq, type, step, attempt, at } = row;
    // Nearly every row; a copy of each would cost a long run's readers as much as the query does.
    if (row.data?.blobs === undefined) return { seq, type, step, attempt, at, data: row.data ?? {} };
    const { blobs: places, ...data } = row.data;
    const whole: Record<string, Json> = data as Record<string, Json>;
    for (const [field, hash] of Object.entries(places))
      whole[field] = field === 'output' && slim(row) ? mark(hash) : (blobs.get(hash) ?? null);
    return { seq, type, step, attempt, at, data: whole };
  });
}
