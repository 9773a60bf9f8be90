import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { type OwnServer, ownServer } from '#lib/db/test-server.ts';
import { type TestApi, testApi } from '#lib/http/test-api.ts';
import { DatabaseLoad, expectUnavailable } from './test-database-load.ts';
import { startWorkerProcess } from './test-processes.ts';
import { ended, eventsOf, rowOf, until, uuidOf } from './test-runs.ts';

/** A real PostgreSQL with durable commits, real worker processes, the real API; and what happens to the first. */
let server: OwnServer;
let api: TestApi;
let load: DatabaseLoad;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  server = await ownServer();
  api = await testApi();
  load = await DatabaseLoad.start(api);
  atEnd(async () => {
    await load.close();
    await stopListening();
    await disconnect();
  });
});
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill('SIGKILL');
  load.called.pause = 0;
});

async function startWorker(env: Record<string, string> = {}): Promise<void> {
  workers.push(await startWorkerProcess(server.url, { LOG_LEVEL: 'silent', ...env }));
}

/** Frames of a stream as they come, over one connection. */
function follow(run: string): Promise<string> {
  return api.text(`/api/workflows/runs/${run}/stream`);
}

describe('PostgreSQL under load', () => {
  it.each<[string, () => Promise<void>]>([
    [
      'is killed with -9',
      async () => {
        process.kill(server.pid(), 'SIGKILL');
        await until(async () => (await api.call('GET', '/api/workflows')).status === 503);
        expect((await api.call('GET', '/api/health')).body).toMatchObject({ status: 'degraded', database: 'down' });
        await server.start();
      },
    ],
    [
      'loses a backend to -9, and all others with it',
      async () => {
        const { rows } = await pool().query<{ pid: number }>(
          `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like '%run_event%' limit 1`,
        );
        process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
      },
    ],
    [
      'is restarted',
      async () => {
        await server.stop();
        await server.start();
      },
    ],
  ])(
    '%s: accepted runs end, no finished step twice, callers are told to come again, streams go on',
    async (_what, fault) => {
      await startWorker();
      const long = await api.run(await load.chain(15));
      load.called.pause = 100;
      const stream = follow(long);
      await until(() => load.times(long, 's2') === 1);
      load.called.pause = 20;
      const { runs, refusals } = await load.underLoad(fault);
      await ended([long]);
      await load.expectWhole(runs, 3);
      await load.expectWhole([long], 15);
      expectUnavailable(refusals);
      const ids = [...(await stream).matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
      expect(ids).toEqual((await eventsOf(long)).map((event) => event.seq));
    },
    60_000,
  );
});

describe('connections', () => {
  it('that listen are opened again when cut, and hints arrive on the new ones', async () => {
    await startWorker();
    const listeners = async () => {
      const { rows } = await pool().query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
      );
      return rows.map((row) => row.pid);
    };
    const workflow = await load.chain(2);
    await until(async () => (await listeners()).length > 0);
    const former = await listeners();
    const runs: string[] = [];
    for (let cut = 0; cut < 5; cut++) {
      await pool().query('select pg_terminate_backend(pid) from unnest($1::int[]) pid', [await listeners()]);
      runs.push(await api.run(workflow), await api.run(workflow));
    }
    await ended(runs);
    await load.expectWhole(runs, 2);
    await until(async () => (await listeners()).length >= former.length);
    expect((await listeners()).filter((pid) => former.includes(pid))).toEqual([]);
  });

  it('that hold a living worker’s lock may be cut: while its heart beats, nobody declares it dead', async () => {
    await startWorker({ WORKER_LEASE_MS: '1000' });
    load.called.pause = 150;
    const workflow = await load.chain(10);
    const runs = [await api.run(workflow), await api.run(workflow)];
    await until(() => runs.every((run) => load.times(run, 's1') === 1));
    await startWorker({ WORKER_LEASE_MS: '1000' });
    const { rows: alive } = await pool().query<{ id: string; lock_key: string }>(`select id, lock_key from worker where status = 'alive'`);
    expect(alive).toHaveLength(2);
    let cuts = 0;
    await until(
      async () => {
        const { rowCount } = await pool().query(
          `select pg_terminate_backend(l.pid) from pg_locks l join worker w on l.classid::bigint = (w.lock_key >> 32) & 4294967295
             and l.objid::bigint = w.lock_key & 4294967295 where l.locktype = 'advisory' and l.granted and w.status = 'alive'`,
        );
        cuts += rowCount ?? 0;
        const { rows } = await pool().query('select from run where id = any($1) and completed_at is null', [runs.map(uuidOf)]);
        return rows.length === 0;
      },
      15_000,
      30,
    );
    expect(cuts).toBeGreaterThan(1);
    await load.expectWhole(runs, 10);
    for (const run of runs) expect(await rowOf(run)).toMatchObject({ epoch: 1 });
    const { rows } = await pool().query(`select id from worker where status = 'alive' and id = any($1)`, [alive.map((one) => one.id)]);
    expect(rows).toHaveLength(2);
  }, 30_000);

  it('that carry a flush are cut while it is under way: it is written once, by the next try', async () => {
    await startWorker();
    const runs = await Promise.all(Array.from({ length: 10 }, async () => api.run(await load.chain(4))));
    for (let cut = 0; cut < 4; cut++) {
      const journal = await pool().connect();
      await journal.query('begin; lock table run_event in share mode');
      const blocked = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      const { rowCount } = await journal.query('select from run where id = any($1) and completed_at is null', [runs.map(uuidOf)]);
      if ((rowCount ?? 0) > 0) {
        await until(async () => ((await pool().query(`select ${blocked}`)).rowCount ?? 0) > 0, 3000).catch(() => {});
        await pool().query(`select pg_terminate_backend(pid) ${blocked}`);
      }
      await journal.query('rollback');
      journal.release();
    }
    await ended(runs);
    await load.expectWhole(runs, 4);
  }, 30_000);
});

describe('a definition', () => {
  it('that cannot be read while the database has no room fails no run, however long that takes', async () => {
    const run = await api.run(await load.chain(2));
    // A sequence counts on where a transaction fails.
    await pool().query(`create sequence tries; alter table definition rename to definition_kept;
      create function no_room() returns setof definition_kept language plpgsql as $$ begin
        perform nextval('tries'); raise exception 'could not extend file' using errcode = '53100'; end $$;
      create view definition as select * from no_room()`);
    try {
      await startWorker();
      await until(async () => (await pool().query('select from tries where last_value > 13')).rowCount === 1);
      expect(await rowOf(run)).toMatchObject({ status: 'running' });
    } finally {
      await pool().query(
        'drop view definition; drop function no_room(); drop sequence tries; alter table definition_kept rename to definition',
      );
    }
    await ended([run]);
    await load.expectWhole([run], 2);
  }, 30_000);
});

describe('a slow database', () => {
  it('whose commits take a while loses and repeats nothing', async () => {
    // At the commit itself, after the statement: the answer is late, and other transactions overtake it.
    await pool().query(`create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.15); return null; end $$;
      create constraint trigger slow after insert or update on run deferrable initially deferred for each row execute function slow()`);
    try {
      await startWorker();
      const workflow = await load.chain(3);
      const runs = await Promise.all(Array.from({ length: 5 }, () => api.run(workflow)));
      await ended(runs, 30_000);
      await load.expectWhole(runs, 3);
    } finally {
      await pool().query('drop trigger slow on run; drop function slow()');
    }
  }, 45_000);

  it('that keeps a flush waiting past the lease does not fence the worker whose heart beats', async () => {
    await startWorker({ WORKER_LEASE_MS: '800' });
    await startWorker({ WORKER_LEASE_MS: '800' });
    load.called.pause = 100;
    const workflow = await load.chain(3);
    const runs = await Promise.all(Array.from({ length: 10 }, () => api.run(workflow)));
    await until(() => runs.every((run) => load.times(run, 's1') === 1));
    const client = await pool().connect();
    await client.query('begin; lock table run_event in access exclusive mode');
    await client.query('select pg_sleep(2)');
    await client.query('rollback');
    client.release();
    await ended(runs);
    await load.expectWhole(runs, 3);
    for (const run of runs) expect(await rowOf(run)).toMatchObject({ epoch: 1 });
  }, 30_000);
});
