import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { JsonObject } from '#lib/base/json.ts';
import { pool } from '#lib/db/client.ts';
import { subscribeRun } from '#lib/db/notify.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { chainOf, ended, storeSteps, uuidOf } from '#worker/test-runs.ts';

export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Rows per second of this measure over the raw insert rate, where it is a rate. */
  readonly ratio?: number;
  readonly bar?: string;
}

/** Rows of one raw insert, about what a busy flush carries. */
const RAW_BATCH = 1000;

/**
 * What this PostgreSQL can take on this machine, now: multi-row inserts of journal rows, each statement durable, on two
 * connections as the worker uses. Rows per second.
 */
export async function rawInsertRate(millis = 3000): Promise<number> {
  await pool().query('drop table if exists bench_event');
  await pool().query(`create table bench_event (run_id uuid not null, seq int not null, type text not null, step text, attempt int,
    at timestamptz(3) not null, data json, primary key (run_id, seq))`);
  const end = performance.now() + millis;
  let rows = 0;
  const lane = async (name: number): Promise<void> => {
    for (let batch = 0; performance.now() < end; batch++) {
      const run = `0192f0c1-0000-7000-8000-${String(name * 1_000_000 + batch).padStart(12, '0')}`;
      const events = Array.from({ length: RAW_BATCH }, (_, n) => ({
        i: run,
        n,
        t: 'step_completed',
        k: 's1',
        a: 1,
        m: Date.now(),
        d: '{"output":null,"started_at":1795317299851,"start":{"execution":1}}',
      }));
      await pool().query({
        name: 'bench_raw',
        text: `insert into bench_event (run_id, seq, type, step, attempt, at, data)
          select i, n, t, k, a, to_timestamp(m / 1000.0), d::json from json_to_recordset($1::json) as e(i uuid, n int, t text, k text, a int, m bigint, d text)`,
        values: [JSON.stringify(events)],
      });
      rows += RAW_BATCH;
    }
  };
  const started = performance.now();
  await Promise.all([lane(1), lane(2)]);
  const rate = rows / ((performance.now() - started) / 1000);
  await pool().query('drop table bench_event');
  return rate;
}

/** A worker process; answers when it is ready. */
export async function startWorkerProcess(slots = 1000): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'worker-process.ts'), {
    env: { ...process.env, BENCH_SLOTS: String(slots), LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    execArgv: process.env.BENCH_NODE_ARGS?.split(' ') ?? ['--max-semi-space-size=32'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}`)));
  });
  return child;
}

export async function stopWorkerProcess(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.send('stop');
  await gone;
}

/** One run at a time: milliseconds from the trigger to the start of its first step, and to its end as a reader sees it. */
export async function latency(steps: number, rounds: number): Promise<{ first: number[]; finished: number[] }> {
  const { start } = await storeSteps(chainOf(steps), { name: `latency ${steps}` });
  const first: number[] = [];
  const finished: number[] = [];
  for (let round = -20; round < rounds; round++) {
    const at = Date.now();
    const clock = performance.now();
    const [run = ''] = await start();
    await untilEnded(run);
    const total = performance.now() - clock;
    const { rows } = await pool().query<{ began: number }>(
      `select (data->>'started_at')::bigint::float8 as began from run_event where run_id = $1 and step = 's1' order by seq limit 1`,
      [uuidOf(run)],
    );
    // The first rounds warm up the processes.
    if (round < 0) continue;
    first.push((rows[0]?.began ?? at) - at);
    finished.push(total);
  }
  return { first, finished };
}

/** Waits as the stream does: for a hint, and looks. */
async function untilEnded(run: string): Promise<void> {
  let wake: () => void = () => {};
  const stop = subscribeRun(run, () => wake());
  try {
    for (;;) {
      const hint = new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 100);
      });
      const { rows } = await pool().query({
        name: 'bench_ended',
        text: 'select completed_at is not null as over from run where id = $1',
        values: [uuidOf(run)],
      });
      if (rows[0]?.over === true) return;
      await hint;
    }
  } finally {
    stop();
  }
}

export interface Throughput {
  readonly runsPerSecond: number;
  readonly stepsPerSecond: number;
  readonly rowsPerSecond: number;
}

/** Many runs that stand in the queue when the worker starts; counted from the first start to the last end. */
export async function throughput(steps: number, runs: number, step: Partial<Step> = {}): Promise<Throughput> {
  const { start } = await storeSteps(chainOf(steps, step), { name: `throughput ${steps} ${step.type ?? ''}` });
  const ids: string[] = [];
  for (let left = runs; left > 0; left -= 1000) ids.push(...(await start(Math.min(left, 1000))));
  await pool().query('analyze run');
  const worker = await startWorkerProcess();
  // Seldom, because the looking costs the same machine.
  await ended(ids.slice(-1), 120_000, 50);
  await ended(ids, 120_000, 250);
  await stopWorkerProcess(worker);
  const { rows } = await pool().query<{ millis: number; done: number; events: number }>(
    `select extract(epoch from max(completed_at) - min(started_at))::float8 * 1000 as millis, count(*) filter (where status = 'completed')::int as done,
      (select count(*)::int from run_event where run_id >= (select min(id::text)::uuid from run where workflow_id = w)) as events
      from run, (select workflow_id as w from run where id = $1) as one where workflow_id = w group by w`,
    [uuidOf(ids[0] ?? '')],
  );
  const { millis = 1, done = 0, events = 0 } = rows[0] ?? {};
  if (done !== runs) throw new Error(`${runs - done} of ${runs} runs did not complete`);
  const perSecond = (count: number): number => count / (millis / 1000);
  return { runsPerSecond: perSecond(runs), stepsPerSecond: perSecond(runs * steps), rowsPerSecond: perSecond(events - runs) };
}

/** Runs with one loop over so many items, one at a time: milliseconds from the start of the run to its end, the median of `rounds`. */
export async function loopTime(items: number, config: JsonObject, rounds: number): Promise<number> {
  const body = [{ id: 'each', type: 'transform', config: { expression: 'item' } }];
  const { start } = await storeSteps([{ id: 'loop', type: 'loop', config: { items: `[1..${items}]`, ...config, steps: body } }]);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [run = ''] = await start();
    await ended([run], 60_000, 5);
    const { rows } = await pool().query<{ millis: number; status: string }>(
      'select extract(epoch from completed_at - started_at)::float8 * 1000 as millis, status from run where id = $1',
      [uuidOf(run)],
    );
    if (rows[0]?.status !== 'completed') throw new Error(`A loop over ${items} items ended as ${rows[0]?.status}`);
    times.push(rows[0].millis);
  }
  return percentile(times, 0.5);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
