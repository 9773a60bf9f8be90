import type { PoolClient } from 'pg';
import type { Control } from '#lib/engine/control.ts';
import type { JournalRow } from '#lib/engine/journal-row.ts';
import { type NewBlob, storeBlobs } from './blobs.ts';
import { pool } from './client.ts';
import { WAKE_RUN_TASK } from './dispatcher.ts';
import { settleLimits } from './limits.ts';
import { element, RowArrays } from './row-arrays.ts';
import type { RunHead } from './run-head.ts';
import { transaction } from './transaction.ts';
import { type WaitChanges, waitArrays, waitParts } from './wait-rows.ts';

/**
 * The journal's only door for the owner of runs. One statement carries the new rows of all its runs and, where a run's
 * projections change, moves its row with them.
 *
 *     worker alive? ── no ──▶ nothing is written, every run is lost
 *     for a run with a head: owner and epoch as expected? ── no ──▶ this run is lost
 *     rows written, projections moved, control flags answered
 *
 * The fence is the worker's row, locked for key share: a run changes hands only when its owner lets go of it or is declared
 * dead, and whoever declares it dead locks that row for update first. So the rows of a step in the middle of a run need no
 * update of the run's row, which costs several times as much as the row itself. `run.last_seq` is exact while nobody owns
 * the run, and a lower bound while somebody does.
 */

/** What one run adds. `rows` are numbered on from `baseSeq`, without gaps. */
export interface RunAppend {
  /** Uuid. */
  readonly runId: string;
  readonly epoch: number;
  /** Number of the last event before this append. */
  readonly baseSeq: number;
  readonly rows: readonly JournalRow[];
  /** The run's projections; null leaves its row as it is, and then no control flag is answered. */
  readonly head: RunHead | null;
  /** Gives the run back (parked, ended or drained), unless a control flag is set: then it stays owned. Needs a head. */
  readonly release: boolean;
  /** The control flag that these rows answer; it is cleared, unless another has come meanwhile. Needs a head. */
  readonly taken: Control;
  /** The run has a limit: what its release frees goes to the next one in the same transaction. */
  readonly limited: boolean;
  /** Its end, which this is, is told to the run that waits for it. */
  readonly reports?: boolean;
  /**
   * Place of the newest message that has been read and is accounted for by what was appended up to here. While there is a
   * newer one, the run is not given back. Needs a head, like a control flag.
   */
  readonly mail: number;
  /** Removes the messages up to there. Needs a head. */
  readonly removesMail: boolean;
  /** What changes of the waits that lists show. Needs a head. */
  readonly waits: WaitChanges;
}

export interface Appended {
  readonly control: Control;
  /** False after a release. */
  readonly held: boolean;
  /** Place of the newest message where it has not been read, else 0. */
  readonly mail: number;
}

/** Number after the append. */
export function lastSeqOf(append: RunAppend): number {
  return append.rows.at(-1)?.seq ?? append.baseSeq;
}

// Arrays, one for each column: PostgreSQL reads them in less than half the time of an array of JSON objects (measured for
// 1,000 rows: 3.0 against 6.6 ms of CPU), and a column that is mostly null costs nothing. Data travels as text and becomes
// `json` row by row: an escaped NUL or lone surrogate is plain text to the array and legal to the type, so no row fails
// its neighbors. A row names its run by the run's place in the batch; runs with a head come first, $3 of them.
// Times are seconds as floats (a division of bigints would be done in decimal arithmetic, at a microsecond each).
const ALIVE = `with me as materialized (select id from worker where id = $1 and status = 'alive' for key share)`;
const ROWS = `from me, unnest($4::int[], $5::int[], $6::text[], $7::text[], $8::int[], $9::float8[], $10::text[])
  as e(place, seq, type, step, attempt, at, data)`;
const INSERT = `insert into run_event (run_id, seq, type, step, attempt, at, data)
  select ($2::uuid[])[e.place], e.seq, e.type, e.step, e.attempt, to_timestamp(e.at), e.data::json`;
const APPEND_ROWS = `${ALIVE}, written as (${INSERT} ${ROWS} where e.place > $3)
select null::int[] as odd, null::text[] as controls, null::bool[] as helds, null::int[] as mails,
  case when count(*) = 0 then '{}'::int[] end as only from me`;
const APPEND = `${ALIVE}, moved as (
  update run set last_seq = b.last, status = b.status, progress = b.progress,
    started_at = to_timestamp(b.started), completed_at = to_timestamp(b.completed),
    output = b.output::json, error = b.error::json, wake_at = to_timestamp(b.wake), deadline = to_timestamp(b.deadline),
    control = case when run.control = b.taken then 'none' else run.control end,
    owner = case when b.release and run.control in ('none', b.taken) and run.mail <= b.mail then null else run.owner end
  from me, unnest($11::int[], $12::int[], $13::int[], $14::text[], $15::float8[], $16::float8[], $17::text[], $18::text[], $19::real[],
    $20::float8[], $21::float8[], $22::bool[], $23::text[], $24::int[]) with ordinality
    as b(epoch, base, last, status, started, completed, output, error, progress, wake, deadline, release, taken, mail, place)
  where run.id = ($2::uuid[])[b.place] and run.owner = $1 and run.epoch = b.epoch and run.last_seq <= b.base
  returning run.id, b.place::int as place, run.control, run.owner is not null as held, b.release, b.wake,
    run.mail as posted, b.mail as read, run.workspace_id, run.workflow_id, run.priority
), written as (
  ${INSERT} ${ROWS} where e.place > $3 or e.place in (select place from moved)
)`;
const ODD = `control <> 'none' or held = release or posted > read`;
// The answer is one row: a list only of the runs to which something happened, and of all that were written when some were not.
const ANSWER = `
select array_agg(place) filter (where ${ODD}) as odd, array_agg(control) filter (where ${ODD}) as controls,
  array_agg(held) filter (where ${ODD}) as helds, array_agg(posted) filter (where ${ODD}) as mails,
  case when not exists (select from me) then '{}'::int[]
    when count(*) < $3 then coalesce(array_agg(place), '{}') || array(select generate_series($3 + 1, cardinality($2::uuid[]))) end as only
from moved`;
// What has become events is removed with them.
const EMPTIED = `, emptied as (delete from inbox using moved where inbox.run_id = moved.id and inbox.place <= moved.read)`;
const WAITS = waitParts(25);
// A parked run that is due by itself gets its job in the same transaction. A later job of the same run replaces it.
const PARKED = `, parked as (
  select graphile_worker.add_job('${WAKE_RUN_TASK}', json_build_object('run', id), run_at := to_timestamp(wake), job_key := 'run:' || id)
  from moved where not held and wake is not null
)`;

interface Answer {
  readonly odd: number[] | null;
  readonly controls: Control[] | null;
  readonly helds: boolean[] | null;
  readonly mails: number[] | null;
  /** Null where all of the batch were written. */
  readonly only: number[] | null;
}

/** Says that rows were in the journal already: an earlier try of the same append, or another owner. */
const UNIQUE_VIOLATION = '23505';

/**
 * Appends for the runs that a worker owns; durable when it resolves. A run that is missing in the answer is lost: it has
 * another owner, or the worker is dead. After an error the same appends may be sent again with `again`: what the first
 * try has written is recognised.
 */
export async function append(workerId: string, appends: readonly RunAppend[], again = false): Promise<Map<string, Appended>> {
  const answer = new Map<string, Appended>();
  if (again) await recognise(workerId, appends, answer);
  const open = again ? appends.filter((one) => !answer.has(one.runId)) : appends;
  if (open.length === 0) return answer;
  try {
    const answers = await Promise.all(apart(open).map((batch) => send(workerId, batch)));
    for (const [runId, appended] of answers.flatMap((one) => [...one])) answer.set(runId, appended);
  } catch (error) {
    // The first try was still under way in the server when its connection was lost here.
    if (again || (error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    return append(workerId, appends, true);
  }
  return answer;
}

/**
 * Runs whose end is told to others go by themselves: telling locks the rows of those that wait, and two statements that each
 * held a run for which the other has news would wait for each other.
 */
function apart(appends: readonly RunAppend[]): (readonly RunAppend[])[] {
  if (!appends.some((one) => one.reports)) return [appends];
  return [appends.filter((one) => !one.reports), appends.filter((one) => one.reports)].filter((batch) => batch.length > 0);
}

async function send(workerId: string, appends: readonly RunAppend[]): Promise<Map<string, Appended>> {
  const headed = appends.filter(hasHead);
  const ordered =
    headed.length === 0 || headed.length === appends.length ? appends : [...headed, ...appends.filter((one) => one.head === null)];
  const blobs: NewBlob[] = [];
  const rows = new RowArrays();
  for (const [index, one] of ordered.entries()) for (const row of one.rows) rows.add(index + 1, one.runId, row, blobs);
  if (blobs.length > 0) await storeBlobs(blobs);
  const common = [workerId, `{${ordered.map((one) => one.runId).join(',')}}`, headed.length, ...rows.values()];
  const { rows: answers } = await settling(headed, (client) =>
    client.query<Answer>(
      headed.length === 0
        ? { name: 'append_rows', text: APPEND_ROWS, values: common }
        : { ...statementFor(headed), values: [...common, ...headArrays(headed), ...waitValues(headed)] },
    ),
  );
  return readAnswer(ordered, answers[0]);
}

function hasHead(one: RunAppend): one is HeadedAppend {
  return one.head !== null;
}
type HeadedAppend = RunAppend & { readonly head: RunHead };

function changesWaits({ waits }: RunAppend): boolean {
  return waits.opened.length > 0 || waits.closed.length > 0;
}

/** The statement with no more parts than these appends need. */
function statementFor(headed: readonly HeadedAppend[]): { name: string; text: string } {
  const parks = headed.some((one) => one.release && one.head.wakeAt !== null);
  const removes = headed.some((one) => one.removesMail);
  const waits = headed.some(changesWaits);
  return {
    name: `append${removes ? '_mail' : ''}${waits ? '_waits' : ''}${parks ? '_park' : ''}`,
    text: `${APPEND}${removes ? EMPTIED : ''}${waits ? WAITS : ''}${parks ? PARKED : ''} ${ANSWER}${parks ? ', (select count(*) from parked) as counted' : ''}`,
  };
}

/** Sends a statement by itself, or with its limits settled where it gives runs back that have one. */
function settling<T>(appends: readonly RunAppend[], write: (client: Pick<PoolClient, 'query'>) => Promise<T>): Promise<T> {
  const released = appends.filter((one) => one.release && one.limited).map((one) => one.runId);
  if (released.length === 0) return write(pool());
  return transaction(async (client) => {
    const answer = await write(client);
    await settleLimits(client, released);
    return answer;
  });
}

function readAnswer(appends: readonly RunAppend[], written: Answer | undefined): Map<string, Appended> {
  const only = written?.only == null ? null : new Set(written.only);
  const answer = new Map<string, Appended>();
  for (const [index, one] of appends.entries()) {
    if (only === null || only.has(index + 1)) answer.set(one.runId, one.release ? RELEASED : HELD);
  }
  for (const [index, place] of (written?.odd ?? []).entries()) {
    const control = written?.controls?.[index] ?? 'none';
    const one = appends[place - 1];
    const posted = written?.mails?.[index] ?? 0;
    const unread = posted > (one?.mail ?? 0) ? posted : 0;
    answer.set(one?.runId ?? '', { control, held: written?.helds?.[index] ?? true, mail: unread });
  }
  return answer;
}

const HELD: Appended = { control: 'none', held: true, mail: 0 };
const RELEASED: Appended = { control: 'none', held: false, mail: 0 };

/** Finds what an earlier try of the same append has written, whose answer was lost with the connection. */
async function recognise(workerId: string, appends: readonly RunAppend[], answer: Map<string, Appended>): Promise<void> {
  const { rows } = await pool().query<{
    id: string;
    owner: string | null;
    epoch: number;
    last_seq: number;
    control: Control;
    mail: number;
  }>(
    `select id, owner, epoch, control, mail, (select max(seq) from run_event where run_id = run.id) as last_seq from run where id = any($1)`,
    [appends.filter((one) => one.rows.length > 0).map((one) => one.runId)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const one of appends) {
    const row = byId.get(one.runId);
    if (row === undefined || row.epoch !== one.epoch || row.last_seq !== lastSeqOf(one)) continue;
    const mail = row.mail > one.mail ? row.mail : 0;
    if (row.owner === workerId) answer.set(one.runId, { control: one.head === null ? 'none' : row.control, held: true, mail });
    else if (row.owner === null && one.release) answer.set(one.runId, { control: row.control, held: false, mail: 0 });
  }
}

/** The columns of the runs' projections, each as the text of an array. */
function headArrays(appends: readonly HeadedAppend[]): string[] {
  const column = (cell: (one: HeadedAppend) => string | number | boolean | null): string => `{${appends.map(cell).join(',')}}`;
  return [
    column((one) => one.epoch),
    column((one) => one.baseSeq),
    column(lastSeqOf),
    column((one) => one.head.status),
    column((one) => seconds(one.head.startedAt)),
    column((one) => seconds(one.head.completedAt)),
    column((one) => (one.head.output === null ? 'NULL' : element(JSON.stringify(one.head.output)))),
    column((one) => (one.head.error === null ? 'NULL' : element(JSON.stringify(one.head.error)))),
    column((one) => one.head.progress),
    column((one) => seconds(one.head.wakeAt)),
    column((one) => seconds(one.head.deadline)),
    column((one) => one.release),
    column((one) => one.taken),
    column((one) => one.mail),
  ];
}

function waitValues(headed: readonly HeadedAppend[]): unknown[] {
  if (!headed.some(changesWaits)) return [];
  return waitArrays(headed.map((one, index) => ({ place: index + 1, waits: one.waits })));
}

function seconds(millis: number | null): number | 'NULL' {
  return millis === null ? 'NULL' : millis / 1000;
}
