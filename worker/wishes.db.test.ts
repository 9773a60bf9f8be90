import { describe, expect, test } from 'vitest';
import { giveBackUnknown } from '#lib/db/claims.ts';
import { pool } from '#lib/db/client.ts';
import { reapWorkers } from '#lib/db/workers.ts';
import { locked, untilBlocked } from './test-faults.ts';
import { done, ended, rowOf, storeSteps, until, uuidOf } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

const worker = freshWorkers();

test('checklist #112: a cancel whose hint got lost is found by the owner of the run', async () => {
  let running = false;
  await worker(({ signal }) => {
    running = true;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
  });
  const { start } = await storeSteps([{ id: 'a' }]);
  const [run = ''] = await start();
  await until(() => running);
  await pool().query(`update run set control = 'cancel' where id = $1`, [uuidOf(run)]);
  await ended([run], 5000);
  expect((await rowOf(run)).status).toBe('cancelled');
});

describe('checklist #78, #112: runs that somebody changes at the moment at which they are taken from their owner', () => {
  const ways = [
    ['by one who declares it dead', async (): Promise<number> => (await reapWorkers(null)).runs.length],
    ['by itself', (owner: string): Promise<number> => giveBackUnknown(owner, [])],
  ] as const;
  test.each(ways)('%s', async (_, take) => {
    let running = 0;
    const first = await worker(() => {
      running++;
      return new Promise(() => {});
    });
    const { start } = await storeSteps([{ id: 'a' }]);
    const runs = await start(20);
    await until(() => running === runs.length);
    const cancelled = runs.slice(3, 8);
    const client = await locked(`update run set control = 'cancel' where id = any($1)`, [cancelled.map(uuidOf)]);
    await pool().query(`update worker set lease_until = now() - interval '1 s' where id = $1`, [first.id]);
    const taken = take(first.id);
    await untilBlocked();
    await client.also('commit');
    await client.release();
    expect(await taken).toBe(runs.length);
    await worker(async () => done());
    await ended(runs);
    for (const run of runs)
      expect(await rowOf(run)).toMatchObject({ owner: null, status: cancelled.includes(run) ? 'cancelled' : 'completed' });
  });
});
