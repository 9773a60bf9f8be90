import { pool } from '#lib/db/client.ts';
import { chainOf } from '#worker/test-runs.ts';
import { type BenchWorkflow, countInDatabase, storeWorkflow, untilAllEnded } from './bench-workflows.ts';
import { seedFinishedRuns } from './finished-runs.ts';
import { startClientProcess, startWebProcess, startWorkerProcess } from './processes.ts';
import { percentile } from './statistics.ts';
import { startDatabase } from './throwaway-database.ts';

/**
 * `node bench/growth.ts [runs]`: what the engine does, and how long lists take, in an empty database and in one that holds a
 * million finished runs (or so many).
 */
export interface GrowthMeasure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: string;
}

const RUNS = 20_000;
const ROUNDS = 3;

/** The filters that the list of runs offers, each by itself and together, common values and such that nothing has. */
const FILTERS = [
  '',
  'status=completed',
  'status=failed',
  'status=running',
  'status=queued',
  'status=waiting',
  'trigger=api',
  'trigger=manual',
  'trigger=nothing',
  'version=1',
  'version=7',
  'status=failed&trigger=manual',
  'status=completed&trigger=nothing',
  'status=failed&version=7',
  'external_id=none',
  'limit=200',
];

/** Needs a fresh database in DATABASE_URL. */
export async function growth(count = 1_000_000): Promise<GrowthMeasure[]> {
  const workflow = await storeWorkflow(chainOf(3), 'seeded');
  await rate();
  const empty = await rate();
  const seconds = await seedFinishedRuns(workflow, count);
  const full = await rate();
  const named = count.toLocaleString('en');
  const measures: GrowthMeasure[] = [
    { name: '3-step runs finished in an empty database', value: empty, unit: 'runs/s' },
    { name: `the same beside ${named} finished runs`, value: full, unit: 'runs/s' },
    { name: '· as a share', value: (full / empty) * 100, unit: '%', bar: '≥ 90' },
    { name: `making the ${named} runs`, value: seconds, unit: 's' },
  ];
  const [web, client] = await Promise.all([startWebProcess(), startClientProcess()]);
  for (const filter of FILTERS) {
    const path = `/api/workflows/${workflow.id}/runs?${filter}`;
    const task = { kind: 'repeat', port: web.port, key: workflow.key, paths: [path], count: 20 } as const;
    const { times } = await client.ask<{ times: number[] }>(task);
    measures.push({ name: `list of runs ${filter}`, value: percentile(times, 0.5), unit: 'ms', bar: '≤ 50' });
  }
  await Promise.all([web.stop(), client.stop()]);
  return measures;
}

/** The median of some rounds of runs that stand in the queue when the worker begins. */
async function rate(): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const workflow: BenchWorkflow = await storeWorkflow(chainOf(3), 'growth');
    await workflow.start(RUNS, { customer: 'acme', order: 4711 });
    const worker = await startWorkerProcess();
    await untilAllEnded(workflow, RUNS);
    await worker.stop();
    const { firstStart, lastEnd } = await countInDatabase(workflow, { runs: RUNS, steps: 3 });
    rates.push(RUNS / ((lastEnd - firstStart) / 1000));
  }
  return percentile(rates, 0.5);
}

if (import.meta.main) {
  const database = await startDatabase();
  try {
    for (const { name, value, unit, bar } of await growth(Number(process.argv[2] ?? 1_000_000)))
      console.log(
        `${name.padEnd(60)} ${value.toFixed(value < 100 ? 1 : 0).padStart(10)} ${unit}${bar === undefined ? '' : `   bar ${bar}`}`,
      );
    const { rows } = await pool().query<{
      bytes: number;
    }>(`select pg_total_relation_size('run')::float8 + sum(pg_total_relation_size(inhrelid)) as bytes
      from pg_inherits where inhparent = 'run_event'::regclass`);
    console.log(`runs and journal on the disk: ${((rows[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB`);
  } finally {
    await database.remove();
  }
}
