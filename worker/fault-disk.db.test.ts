import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { type SmallDisk, smallDisk, smallDiskForbidden } from '#lib/db/test-small-disk.ts';
import { type TestApi, testApi } from '#lib/http/test-api.ts';
import { DatabaseLoad, expectUnavailable } from './test-database-load.ts';
import { startWorkerProcess } from './test-processes.ts';
import { until, uuidOf } from './test-runs.ts';

const forbidden = smallDiskForbidden();
const why = forbidden === null ? '' : ` (not tested: this machine allows no file system of one’s own: ${forbidden})`;

describe.skipIf(forbidden !== null)(`the disk of PostgreSQL and of the logs is full${why}`, () => {
  let disk: SmallDisk;
  let api: TestApi;
  let load: DatabaseLoad;
  let worker: ChildProcess;

  beforeAll(async () => {
    disk = await smallDisk(200);
    api = await testApi();
    load = await DatabaseLoad.start(api);
    const log = disk.open('worker.log');
    worker = await startWorkerProcess(disk.url, {}, 'main.ts', log);
    closeSync(log);
    atEnd(async () => {
      worker.kill('SIGKILL');
      await load.close();
      await stopListening();
      await disconnect();
    });
  });

  it('starts are refused with the reason, the database comes back with room, accepted runs end, no finished step twice', async () => {
    Object.assign(load.called, { pause: 20, size: 30_000 });
    const { runs, refusals } = await load.underLoad(async (refused) => {
      disk.fill();
      await until(() => refused.some(({ body }) => JSON.stringify(body).includes('The disk of the database is full')));
      // The next piece of the write-ahead log has no room either: PostgreSQL gives up, and again when it is started.
      await until(
        async () => {
          await pool()
            .query('select pg_switch_wal()')
            .catch(() => {});
          return disk.complaints.length > 0;
        },
        10_000,
        100,
      );
      await until(() => disk.complaints.some((text) => text.startsWith('PostgreSQL did not start')), 10_000);
      expect(worker.exitCode).toBeNull();
      disk.makeRoom();
    });
    expectUnavailable(refusals);
    expect(worker.exitCode).toBeNull();
    await load.expectWhole(runs, 3);
    const { rows } = await pool().query(`select id from worker where status <> 'alive'`);
    expect(rows).toEqual([]);
    const { rows: all } = await pool().query<{ id: string }>('select id from run');
    expect(new Set(all.map(({ id }) => id)).size).toBeGreaterThanOrEqual(runs.length);
    expect(runs.map(uuidOf).filter((id) => !all.some((row) => row.id === id))).toEqual([]);
  }, 60_000);
});
