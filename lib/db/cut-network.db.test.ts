import { beforeAll, expect, test } from 'vitest';
import { uuidv7 } from '#lib/base/ids.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, isLocal, pool } from './client.ts';
import { ensureDispatcher } from './dispatcher.ts';
import { freshDatabase } from './test-database.ts';
import { TestProxy } from './test-proxy.ts';
import { transaction } from './transaction.ts';
import { leaseMs, reapWorkers, WorkerLease } from './workers.ts';

const LEASE_MS = 800;
let proxy: TestProxy;
let direct = '';

beforeAll(async () => {
  direct = (await freshDatabase()).url;
  proxy = await TestProxy.open(direct);
  await ensureDispatcher();
  process.env.DATABASE_URL = proxy.url;
  process.env.WORKER_LEASE_MS = String(LEASE_MS);
  atEnd(async () => {
    delete process.env.WORKER_LEASE_MS;
    await disconnect();
    await proxy.close();
  });
});

const worker = { name: 'test', queues: ['default'], slots: 1, poolId: null };

test('a heartbeat through a cut network gives up by the next one, and the first after the cut tells who was declared dead', async () => {
  const [cutOff, other] = [new WorkerLease(), new WorkerLease()];
  await cutOff.register(worker);
  expect(await cutOff.beat()).toBe(true);
  proxy.cut();
  const began = Date.now();
  await expect(cutOff.beat()).rejects.toThrow();
  expect(Date.now() - began).toBeLessThan(LEASE_MS / 2);
  // The other worker has another way to the database.
  process.env.DATABASE_URL = direct;
  await other.register(worker);
  let dead: readonly string[] = [];
  while (dead.length === 0) dead = (await reapWorkers(other.id)).workers;
  expect(dead).toEqual([cutOff.id]);
  expect(Date.now() - began).toBeGreaterThan(LEASE_MS / 4);
  process.env.DATABASE_URL = proxy.url;
  proxy.heal();
  expect(await cutOff.beat()).toBe(false);
  await Promise.all([cutOff.end(), other.end()]);
});

test('each worker is judged by its own lease, whatever that of the one who looks', async () => {
  const quick = new WorkerLease();
  await quick.register(worker);
  const slow = uuidv7();
  // Nobody holds its lock, as after its connection was cut; three eighths of its minute are 22 s.
  await pool().query(
    `insert into worker (id, name, queues, slots, lock_key, heartbeat_at, lease_until)
     values ($1, 'slow', '{default}', 1, 4711, now() - interval '3 s', now() + interval '57 s')`,
    [slow],
  );
  expect((await reapWorkers(quick.id)).workers).toEqual([]);
  await pool().query(`update worker set heartbeat_at = now() - interval '30 s', lease_until = now() + interval '30 s' where id = $1`, [
    slow,
  ]);
  expect((await reapWorkers(quick.id)).workers).toEqual([slow]);
  await quick.end();
});

test('the server gives up what the transaction of a machine that is gone holds', async () => {
  const { rows } = await pool().query<{ idle: string; lives: string }>(
    `select current_setting('idle_in_transaction_session_timeout') as idle, current_setting('tcp_keepalives_idle') as lives`,
  );
  expect(rows[0]?.idle).toBe('5s');
});

test('a connection whose transaction could not be undone is not used again', async () => {
  const before = await transaction(async (client) => (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid);
  await expect(
    transaction(async (client) => {
      await client.query('select pg_terminate_backend(pg_backend_pid())');
    }),
  ).rejects.toThrow();
  const after = await pool().query<{ pid: number }>('select pg_backend_pid() as pid');
  expect(after.rows[0]?.pid).not.toBe(before);
});

test('the lease is short where the database is on the same host, and longer over a network', () => {
  delete process.env.WORKER_LEASE_MS;
  try {
    expect(leaseMs()).toBe(4000);
    process.env.DATABASE_URL = 'postgresql://weftline:secret@db.example:5432/weftline';
    expect(leaseMs()).toBe(8000);
  } finally {
    process.env.DATABASE_URL = proxy.url;
  }
  expect(isLocal('postgresql://weftline@localhost:5432/weftline?host=%2Ftmp%2Fsocket')).toBe(true);
  expect(isLocal('postgresql://weftline@[::1]/weftline')).toBe(true);
  expect(isLocal('postgresql://weftline@10.0.0.7/weftline')).toBe(false);
});
