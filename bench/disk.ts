import { pool } from '#lib/db/client.ts';
import { chainOf } from '#worker/test-runs.ts';
import { countInDatabase, storeWorkflow, untilAllEnded } from './bench-workflows.ts';
import { type Group, scaled } from './group.ts';
import { startWorkerProcess } from './processes.ts';

/** What 3-step runs leave on the disk of a fresh database, indexes and all, once it is vacuumed and checkpointed. */
export const disk: Group = {
  name: 'disk',
  title: 'disk per run',
  round: (bench) =>
    bench.database.apart('disk', async () => {
      const count = scaled(bench, 20_000);
      const workflow = await storeWorkflow(chainOf(3), 'disk');
      const worker = await startWorkerProcess();
      const run = async (runs: number, all: number): Promise<void> => {
        await workflow.start(runs, { customer: 'acme', order: 4711 });
        await untilAllEnded(workflow, all);
      };
      // Files grow in steps, so both ends are measured with some runs in them.
      await run(1000, 1000);
      const before = await measure();
      await run(count, count + 1000);
      const log = (await logPlace()) - before.log;
      await worker.stop();
      await countInDatabase(workflow, { runs: count + 1000, steps: 3 });
      const after = await measure();
      return [
        { row: 'disk.run', value: (after.bytes - before.bytes) / count / 1000 },
        { row: 'disk.log', value: log / count / 1000 },
      ];
    }),
};

async function measure(): Promise<{ bytes: number; log: number }> {
  await pool().query('vacuum');
  await pool().query('checkpoint');
  const { rows } = await pool().query<{ bytes: number }>('select pg_database_size(current_database())::float8 as bytes');
  return { bytes: rows[0]?.bytes ?? 0, log: await logPlace() };
}

async function logPlace(): Promise<number> {
  const { rows } = await pool().query<{ place: number }>(`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as place`);
  return rows[0]?.place ?? 0;
}
