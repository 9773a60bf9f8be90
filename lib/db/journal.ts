import type { Json } from '#lib/base/json.ts';
import { type JournalRow, numbersOf } from '#lib/engine/journal-row.ts';
import { BLOB_THRESHOLD, blobHash, type NewBlob, storeBlobs } from './blobs.ts';
import { pool } from './client.ts';
import { WAKE_RUN_TASK } from './dispatcher.ts';
import type { RunHead } from './run-head.ts';

/**
 * The journal's only door for the owner of runs. One statement carries the new rows of all its runs, moves each run's
 * row with them, and is the fence: a run whose owner, epoch or last number is another one takes nothing.
 *
 *     worker alive? ── no ──▶ nothing is written, every run is lost
 *     run's owner, epoch, last_seq as expected? ── no ──▶ this run is lost
 *     rows written, projections moved, control flags answered
 */

/** What one run adds. `rows` are numbered on from `baseSeq`, without gaps. */
export interface RunAppend {
  /** Uuid. */
  readonly runId: string;
  readonly epoch: number;
  /** `last_seq` before this append. */
  readonly baseSeq: number;
  readonly rows: readonly JournalRow[];
  readonly head: RunHead;
  /** Gives the run back (parked, ended or drained), unless a control flag is set: then it stays owned. */
  readonly release: boolean;
  /** The control flag that these rows answer; it is cleared, unless another has come meanwhile. */
  readonly taken: Control;
}

/** What people asked of a run that a worker drives. */
export type Control = 'none' | 'cancel' | 'pause' | 'resume';
export interface Appended {
  readonly control: Control;
  /** False after a release. */
  readonly held: boolean;
}

/** Number after the append. */
export function lastSeqOf(append: RunAppend): number {
  return append.rows.at(-1)?.seq ?? append.baseSeq;
}

// Short keys: they are repeated for each row. Data travels as a string inside the parameter and becomes `json` row by row:
// an escaped NUL or lone surrogate is text to the outer parser and legal to the inner type, so it can't fail a neighbor.
const APPEND = `
with batch as materialized (
  select * from json_to_recordset($2::json) as b(i uuid, e int, b int, l int, s text, st bigint, c bigint, o text, er text, p real, w bigint, d bigint, r boolean, x text)
), moved as (
  update run set last_seq = b.l, status = b.s, progress = b.p,
    started_at = to_timestamp(b.st / 1000.0), completed_at = to_timestamp(b.c / 1000.0),
    output = b.o::json, error = b.er::json,
    wake_at = to_timestamp(b.w / 1000.0), deadline = to_timestamp(b.d / 1000.0),
    control = case when run.control = b.x then 'none' else run.control end,
    owner = case when b.r and run.control in ('none', b.x) then null else run.owner end,
    crashes = case when b.l > b.b then 0 else run.crashes end
  from batch b
  where run.id = b.i and run.owner = $1 and run.epoch = b.e and run.last_seq = b.b
    and exists (select from worker where id = $1 and status = 'alive')
  returning run.id, run.control, run.owner is not null as held, b.w
), written as (
  insert into run_event (run_id, seq, type, step, attempt, at, data)
  select e.i, e.n, e.t, e.k, e.a, to_timestamp(e.m / 1000.0), e.d::json
  from json_to_recordset($3::json) as e(i uuid, n int, t text, k text, a int, m bigint, d text)
  join moved on moved.id = e.i
)`;
const ANSWER = 'select id, control, held from moved';
const APPEND_ONLY = `${APPEND} ${ANSWER}`;
// A parked run that is due by itself gets its job in the same transaction. A later job of the same run replaces it.
const APPEND_AND_PARK = `${APPEND}, parked as (
  select graphile_worker.add_job('${WAKE_RUN_TASK}', json_build_object('run', id), run_at := to_timestamp(w / 1000.0), job_key := 'run:' || id)
  from moved where not held and w is not null
), counted as (select count(*) from parked)
${ANSWER}, counted`;

/**
 * Appends for the runs that a worker owns; durable when it resolves. A run that is missing in the answer is lost: it has
 * another owner, or the worker is dead. May be called again with the same appends after an error: what was written
 * the first time is recognised by its last number.
 */
export async function append(workerId: string, appends: readonly RunAppend[]): Promise<Map<string, Appended>> {
  const blobs: NewBlob[] = [];
  const rows = appends.flatMap((one) => one.rows.map((row) => rowParameter(one.runId, row, blobs)));
  if (blobs.length > 0) await storeBlobs(blobs);
  const parks = appends.some((one) => one.release && one.head.wakeAt !== null);
  const { rows: moved } = await pool().query<{ id: string; control: Control; held: boolean }>({
    name: parks ? 'append_and_park' : 'append',
    text: parks ? APPEND_AND_PARK : APPEND_ONLY,
    values: [workerId, `[${appends.map(runParameter).join(',')}]`, `[${rows.join(',')}]`],
  });
  const answer = new Map<string, Appended>();
  for (const { id, control, held } of moved) answer.set(id, { control, held });
  if (answer.size < appends.length) await recognise(workerId, appends, answer);
  return answer;
}

/** Finds what an earlier try of the same append has written, whose answer was lost with the connection. */
async function recognise(workerId: string, appends: readonly RunAppend[], answer: Map<string, Appended>): Promise<void> {
  const missing = appends.filter((one) => !answer.has(one.runId) && one.rows.length > 0);
  if (missing.length === 0) return;
  const { rows } = await pool().query<{ id: string; owner: string | null; epoch: number; last_seq: number; control: Control }>(
    'select id, owner, epoch, last_seq, control from run where id = any($1)',
    [missing.map((one) => one.runId)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const one of missing) {
    const row = byId.get(one.runId);
    if (row === undefined || row.epoch !== one.epoch || row.last_seq !== lastSeqOf(one)) continue;
    if (row.owner === workerId) answer.set(one.runId, { control: row.control, held: true });
    else if (row.owner === null && one.release) answer.set(one.runId, { control: row.control, held: false });
  }
}

/** The run's own object inside the parameter, as JSON text. */
export function runParameter(one: RunAppend): string {
  const { head } = one;
  return JSON.stringify({
    i: one.runId,
    e: one.epoch,
    b: one.baseSeq,
    l: lastSeqOf(one),
    s: head.status,
    st: head.startedAt,
    c: head.completedAt,
    o: head.output === null ? null : JSON.stringify(head.output),
    er: head.error === null ? null : JSON.stringify(head.error),
    p: head.progress,
    w: head.wakeAt,
    d: head.deadline,
    r: one.release,
    x: one.taken,
  });
}

/** One row's object inside the parameter, as JSON text; large values move to `blobs`. */
export function rowParameter(runId: string, row: JournalRow, blobs: NewBlob[]): string {
  const text = dataText(runId, row, blobs);
  return `{"i":"${runId}","n":${row.seq},"t":"${row.type}","k":${row.step === null ? 'null' : JSON.stringify(row.step)},"a":${row.attempt},"m":${row.at},"d":${text === '{}' ? 'null' : JSON.stringify(text)}}`;
}

/** Members of an event that may be large. */
const BULKY: readonly string[] = ['output', 'data', 'error', 'start'];

function dataText(runId: string, row: JournalRow, blobs: NewBlob[]): string {
  const text = JSON.stringify(row.data);
  if (text.length <= BLOB_THRESHOLD) return text;
  const small: Record<string, Json> = {};
  const places: Record<string, string> = {};
  for (const [field, value] of Object.entries(row.data)) {
    const valueText = BULKY.includes(field) ? JSON.stringify(value) : '';
    if (valueText.length <= BLOB_THRESHOLD) {
      small[field] = value;
      continue;
    }
    const hash = blobHash(valueText);
    places[field] = hash;
    if (!blobs.some((blob) => blob.hash === hash && blob.runId === runId)) blobs.push({ hash, text: valueText, runId });
  }
  return JSON.stringify({ ...small, blobs: places });
}

/** Checks that rows continue a number without a gap; for tests and for the API's appends. */
export function continues(baseSeq: number, rows: readonly JournalRow[]): boolean {
  let seq = baseSeq;
  for (const row of rows) {
    seq += numbersOf(row);
    if (row.seq !== seq) return false;
  }
  return true;
}
