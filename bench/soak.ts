import { readFile } from 'node:fs/promises';
import { pool } from '#lib/db/client.ts';
import { chainOf } from '#worker/test-runs.ts';
import { storeWorkflow } from './bench-workflows.ts';
import { startClientProcess, startWebProcess, startWorkerProcess } from './processes.ts';
import { startDatabase } from './throwaway-database.ts';

/**
 * `node bench/soak.ts [minutes]`: runs started through the API without a pause, and what web process and worker hold meanwhile.
 * Runs are removed as retention would, so that the load, not the amount, is what lasts. The slope is that of a straight line through
 * the second half of the samples: what a warm process still gains.
 */
const SAMPLE_MS = 5_000;
const BATCH = 500;

interface SoakSample {
  readonly minutes: number;
  readonly web: number;
  readonly worker: number;
  readonly connections: number;
  readonly live: number;
}

async function residentMb(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** Least squares: how much more for each unit of x. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

async function soak(minutes: number): Promise<void> {
  const workflow = await storeWorkflow(chainOf(3), 'soak');
  const [web, worker, client] = await Promise.all([startWebProcess(), startWorkerProcess(), startClientProcess()]);
  const began = Date.now();
  const end = began + minutes * 60_000;
  const samples: SoakSample[] = [];
  let next = began;
  let started = 0;
  while (Date.now() < end) {
    const path = `/api/workflows/${workflow.id}/run`;
    await client.ask({ kind: 'flood', port: web.port, key: workflow.key, path, body: '{"input_data":{}}', connections: 16, total: BATCH });
    started += BATCH;
    if (Date.now() < next) continue;
    next += SAMPLE_MS;
    const { rows } = await pool().query<{ connections: number; live: number }>(
      `select (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
        (select count(*)::int from run where status <> 'completed') as live`,
    );
    await pool().query(`update run set expires_at = now() where completed_at < now() - interval '10 seconds' and expires_at is null`);
    const [webMb, workerMb] = await Promise.all([residentMb(web.pid), residentMb(worker.pid)]);
    samples.push({
      minutes: (Date.now() - began) / 60_000,
      web: webMb,
      worker: workerMb,
      connections: rows[0]?.connections ?? 0,
      live: rows[0]?.live ?? 0,
    });
  }
  await Promise.all([web.stop(), worker.stop(), client.stop()]);
  const warm = samples.slice(samples.length / 2);
  console.log(`${started.toLocaleString('en')} runs in ${minutes} minutes, ${samples.length} samples`);
  for (const part of ['web', 'worker', 'connections', 'live'] as const) {
    const values = warm.map((sample) => sample[part]);
    const gain = slope(warm.map((sample) => [sample.minutes, sample[part]] as const));
    console.log(
      `${part.padEnd(12)} from ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}, ${gain.toFixed(2)} more each minute`,
    );
  }
}

if (import.meta.main) {
  const database = await startDatabase();
  try {
    await soak(Number(process.argv[2] ?? 60));
  } finally {
    await database.remove();
  }
}
