import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { migrate } from '#scripts/migrate.mjs';
import { startPostgres } from '#scripts/postgres.mjs';
import {
  latency,
  loopTime,
  type Measure,
  percentile,
  rawInsertRate,
  startWorkerProcess,
  stopWorkerProcess,
  throughput,
} from './measures.ts';

/**
 * `npm run bench`: measures the engine on a throw-away database with the settings of a real one (every commit on disk).
 * Times drift from machine to machine, so every rate is printed as a share of what the same PostgreSQL took in raw
 * multi-row inserts of journal rows, measured before and after in the same run.
 */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weftline-bench-'));
  const postgres = await startPostgres({ folder, durable: true });
  process.env.DATABASE_URL = postgres.url();
  try {
    await migrate(postgres.url());
    const measures = await measureAll();
    print(measures);
    await keep(measures);
  } finally {
    await stopListening();
    await disconnect();
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAll(): Promise<Measure[]> {
  const wanted = process.env.BENCH_ONLY?.split(',') ?? ['latency', 'runs', 'chains', 'loops'];
  const before = await rawInsertRate();
  const measures: Measure[] = [];
  if (wanted.includes('latency')) {
    const worker = await startWorkerProcess();
    const three = await latency(3, 300);
    const forty = await latency(40, 50);
    await stopWorkerProcess(worker);
    measures.push(
      { name: '3 steps: trigger → first step, p50', value: percentile(three.first, 0.5), unit: 'ms', bar: '≤ 5' },
      { name: '3 steps: trigger → first step, p99', value: percentile(three.first, 0.99), unit: 'ms' },
      { name: '3 steps: trigger → finished, p50', value: percentile(three.finished, 0.5), unit: 'ms', bar: '≤ 4 (quiet machine)' },
      { name: '3 steps: trigger → finished, p99', value: percentile(three.finished, 0.99), unit: 'ms', bar: '≤ 12 (quiet machine)' },
      { name: '40 steps in a chain: trigger → finished, p50', value: percentile(forty.finished, 0.5), unit: 'ms', bar: '≤ 40' },
    );
  }
  if (wanted.includes('loops')) {
    const worker = await startWorkerProcess();
    await loopTime(1000, {}, 5);
    measures.push(
      { name: 'loop over 1,000 items, a transform each', value: await loopTime(1000, {}, 15), unit: 'ms', bar: '≤ 100' },
      { name: 'loop over 10,000 items, a transform each', value: await loopTime(10_000, {}, 7), unit: 'ms', bar: '≤ 1,000' },
      { name: 'the same, 100 at a time', value: await loopTime(10_000, { concurrency: 100 }, 7), unit: 'ms', bar: '≤ 1,000' },
    );
    await stopWorkerProcess(worker);
  }
  const rates: Measure[] = [];
  if (wanted.includes('runs')) {
    await throughput(3, 3000);
    const runs = await throughput(3, 30_000);
    rates.push({ name: '3-step runs finished', value: runs.runsPerSecond, unit: 'runs/s', ratio: runs.rowsPerSecond, bar: '≥ 8,000' });
  }
  if (wanted.includes('chains')) {
    const chains = await throughput(40, 4000);
    rates.push({
      name: '40-step chains, each step durable before the next',
      value: chains.stepsPerSecond,
      unit: 'steps/s',
      ratio: chains.rowsPerSecond,
      bar: '≥ 40,000',
    });
    // Steps without side effects need not wait for the disk one by one.
    const pure = await throughput(40, 4000, { type: 'transform', config: { expression: 'input' } });
    rates.push({ name: '40-step chains of transforms', value: pure.stepsPerSecond, unit: 'steps/s', ratio: pure.rowsPerSecond });
  }
  const after = await rawInsertRate();
  const raw = (before + after) / 2;
  return [
    { name: 'raw journal inserts', value: raw, unit: 'rows/s' },
    ...measures,
    ...rates.map((one) => ({ ...one, ratio: (one.ratio ?? 0) / raw })),
  ];
}

function print(measures: readonly Measure[]): void {
  const shown = measures.map(({ name, value, unit, ratio, bar }) => [
    name,
    `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)} ${unit}`,
    ratio === undefined ? '' : `${(ratio * 100).toFixed(0)} % of raw rows`,
    bar === undefined ? '' : `bar ${bar}`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  for (const row of shown) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

async function keep(measures: readonly Measure[]): Promise<void> {
  const { rows } = await pool().query<{ version: string }>('select version()');
  const file = join(import.meta.dirname, 'results', `${new Date().toISOString().replaceAll(':', '-')}.json`);
  await mkdir(dirname(file), { recursive: true });
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, postgres: rows[0]?.version };
  await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), machine, measures }, null, 2)}\n`);
  console.log(`\nKept in ${file}`);
}

await main();
