import { pool } from '#lib/db/client.ts';
import { subscribeRun } from '#lib/db/notify.ts';
import { chainOf, uuidOf } from '#worker/test-runs.ts';
import { countInDatabase, storeWorkflow } from './bench-workflows.ts';
import { type Group, scaled } from './group.ts';
import { startWorkerProcess } from './processes.ts';
import { commitTime } from './raw-limits.ts';
import type { RowId, Sample } from './rows.ts';
import { percentile } from './statistics.ts';

/** The first runs warm up the processes. */
const WARM_UP = 100;

/** One run at a time, without the API: from the call that starts it to its end as a reader of the database sees it. */
export const engineLatency: Group = {
  name: 'latency',
  title: 'latency of the engine',
  async round(bench) {
    const before = await commitTime();
    const worker = await startWorkerProcess();
    const three = await latency(3, scaled(bench, 500));
    const forty = await latency(40, scaled(bench, 60));
    await worker.stop();
    const commit = (before + (await commitTime())) / 2;
    const sample = (row: RowId, value: number): Sample => ({ row, value, ratio: value / commit });
    return [
      { row: 'raw.commit', value: commit },
      sample('engine.first', percentile(three.first, 0.5)),
      sample('engine.first.p99', percentile(three.first, 0.99)),
      sample('engine.finished', percentile(three.finished, 0.5)),
      sample('engine.finished.p99', percentile(three.finished, 0.99)),
      sample('engine.chain', percentile(forty.finished, 0.5)),
    ];
  },
};

async function latency(steps: number, count: number): Promise<{ first: number[]; finished: number[] }> {
  const workflow = await storeWorkflow(chainOf(steps), `latency ${steps}`);
  const first: number[] = [];
  const finished: number[] = [];
  for (let round = -WARM_UP; round < count; round++) {
    const at = Date.now();
    const clock = performance.now();
    const [run = ''] = await workflow.start();
    await untilEnded(run);
    const total = performance.now() - clock;
    if (round < 0) continue;
    const { rows } = await pool().query<{ began: number }>({
      name: 'bench_first',
      text: `select (data->>'started_at')::bigint::float8 as began from run_event where run_id = $1 and step = 's1' order by seq limit 1`,
      values: [uuidOf(run)],
    });
    if (rows[0] === undefined) throw new Error(`The first step of ${run} is not in the journal`);
    first.push(rows[0].began - at);
    finished.push(total);
  }
  await countInDatabase(workflow, { runs: count + WARM_UP, steps });
  return { first, finished };
}

/** Waits as the stream does: for a hint, and looks. */
async function untilEnded(run: string): Promise<void> {
  let wake: () => void = () => {};
  const stop = subscribeRun(run, () => wake());
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const hint = new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, 100);
      });
      const { rows } = await pool().query<{ over: boolean }>({
        name: 'bench_ended',
        text: 'select completed_at is not null as over from run where id = $1',
        values: [uuidOf(run)],
      });
      if (rows[0]?.over === true) {
        clearTimeout(timer);
        return;
      }
      await hint;
      clearTimeout(timer);
    }
  } finally {
    stop();
  }
}

/** Loops, one run at a time: from its start as the worker tells it to its end. */
export const engineLoops: Group = {
  name: 'loops',
  title: 'loops',
  async round(bench) {
    const worker = await startWorkerProcess();
    await loopTimes(1000, {}, 5);
    const thousand = await loopTimes(1000, {}, scaled(bench, 9));
    const many = await loopTimes(10_000, {}, scaled(bench, 4));
    const apart = await loopTimes(10_000, { concurrency: 100 }, scaled(bench, 4));
    await worker.stop();
    return [
      { row: 'engine.loop1000', value: percentile(thousand, 0.5) },
      { row: 'engine.loop10000', value: percentile(many, 0.5) },
      { row: 'engine.loop10000.apart', value: percentile(apart, 0.5) },
    ];
  },
};

async function loopTimes(items: number, config: { concurrency?: number }, count: number): Promise<number[]> {
  const body = [{ id: 'each', type: 'transform', config: { expression: 'item' } }];
  const steps = [{ id: 'loop', type: 'loop', config: { items: `[1..${items}]`, ...config, steps: body } }];
  const workflow = await storeWorkflow(steps, `loop ${items}`);
  const times: number[] = [];
  for (let round = 0; round < count; round++) {
    const clock = performance.now();
    const [run = ''] = await workflow.start();
    await untilEnded(run);
    times.push(performance.now() - clock);
  }
  // The loop's own end, and one of each iteration.
  await countInDatabase(workflow, { runs: count, steps: items + 1 });
  return times;
}
