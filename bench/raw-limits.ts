import { pool } from '#lib/db/client.ts';
import { percentile } from './statistics.ts';

/** Rows of one raw insert, about what a busy flush carries. */
const RAW_BATCH = 1000;
const TABLE = `create table if not exists bench_event (run_id uuid not null, seq int not null, type text not null, step text, attempt int,
  at timestamptz(3) not null, data json, primary key (run_id, seq))`;
const INSERT = `insert into bench_event (run_id, seq, type, step, attempt, at, data)
  select ($1::uuid[])[e.place], e.seq, e.type, e.step, e.attempt, to_timestamp(e.at), e.data::json
  from unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::int[], $7::float8[], $8::text[]) as e(place, seq, type, step, attempt, at, data)`;
const DATA = '{"output":null,"started_at":1795317299851,"start":{"execution":1}}';

/**
 * What this PostgreSQL takes on this machine, now: multi-row inserts of rows like the journal's into a table like it, each
 * statement durable, in the form in which the engine sends them and over as many connections. Rows per second.
 */
export async function rawInsertRate(millis = 1500, lanes = 4): Promise<number> {
  await pool().query(TABLE);
  const end = performance.now() + millis;
  let rows = 0;
  const column = (cell: (n: number) => string | number): string => `{${Array.from({ length: RAW_BATCH }, (_, n) => cell(n)).join(',')}}`;
  const lane = async (name: number): Promise<void> => {
    for (let batch = 0; performance.now() < end; batch++) {
      const run = `0192f0c1-0000-7000-8000-${String(name * 1_000_000 + batch).padStart(12, '0')}`;
      const at = Date.now() / 1000;
      const values = [
        `{${run}}`,
        column(() => 1),
        column((n) => n),
        column(() => 'step_completed'),
        column((n) => `s${n % 40}`),
        column(() => 1),
        column(() => at),
        column(() => `"${DATA.replaceAll('"', '\\"')}"`),
      ];
      await pool().query({ name: 'bench_raw', text: INSERT, values });
      rows += RAW_BATCH;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: lanes }, (_, name) => lane(name)));
  const rate = rows / ((performance.now() - started) / 1000);
  const { rows: counted } = await pool().query<{ count: number }>('select count(*)::int as count from bench_event');
  if (counted[0]?.count !== rows) throw new Error(`${rows} rows were sent and ${counted[0]?.count} are there`);
  await pool().query('drop table bench_event');
  return rate;
}

/** Milliseconds of one insert of one row, durable, one after another: what every durable step must wait for at least. */
export async function commitTime(count = 200): Promise<number> {
  await pool().query('create table if not exists bench_commit (n int)');
  const times: number[] = [];
  for (let n = -20; n < count; n++) {
    const began = performance.now();
    await pool().query({ name: 'bench_commit', text: 'insert into bench_commit values ($1)', values: [n] });
    if (n >= 0) times.push(performance.now() - began);
  }
  await pool().query('drop table bench_commit');
  return percentile(times, 0.5);
}
