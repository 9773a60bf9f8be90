import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening, subscribeRun } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { RunWorker } from './run-worker.ts';
import { chainOf, done, ended, eventsOf, rowOf, startWorker, storeSteps, until } from './test-runs.ts';

let worker: RunWorker;
const executed = new Map<string, number>();

beforeAll(async () => {
  await freshDatabase();
  worker = await startWorker(async ({ idempotencyKey }) => {
    executed.set(idempotencyKey, (executed.get(idempotencyKey) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    return done();
  });
  afterAll(async () => {
    await worker.stop(1000);
    await stopListening();
    await disconnect();
  });
});

/** Ends every other connection of this database, whatever it is doing. */
async function cutConnections(): Promise<void> {
  await pool()
    .query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')
    .catch(() => {});
}

describe('connections that are cut again and again', () => {
  it('lose nothing and double nothing', async () => {
    const { start } = await storeSteps(chainOf(20));
    const runs = await start(50);
    for (let cut = 0; cut < 5; cut++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await cutConnections();
    }
    await ended(runs);
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 1 });
      const events = await eventsOf(run);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter((event) => event.type === 'step_completed')).toHaveLength(20);
    }
    expect(executed.size).toBe(1000);
    expect([...executed.values()].every((count) => count === 1)).toBe(true);
  });

  it('leave the worker alive, hearing hints and telling readers', async () => {
    await cutConnections();
    const { start } = await storeSteps(chainOf(1));
    const [run = ''] = await start();
    let hints = 0;
    const stop = subscribeRun(run, () => hints++);
    await ended([run]);
    await until(() => hints > 0);
    stop();
    const { rows } = await pool().query(`select status from worker where id = $1`, [worker.id]);
    expect(rows).toEqual([{ status: 'alive' }]);
  });
});
