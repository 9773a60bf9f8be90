import { describe, expect, it } from 'vitest';
import { pool } from '#lib/db/client.ts';
import { WAKE_RUN_TASK, WAKE_TASK } from '#lib/db/dispatcher.ts';
import { exitOf, freshFaults, locked, untilBlocked } from './test-faults.ts';
import { ended, eventsOf, rowOf, storeSteps, until, uuidOf } from './test-runs.ts';

/** What happens to jobs and statements, by hand. */
const faults = freshFaults();

async function jobs(): Promise<number> {
  return (await pool().query<{ n: number }>('select count(*)::int as n from graphile_worker._private_jobs')).rows[0]?.n ?? 0;
}

async function once(run: string, steps: readonly string[]): Promise<void> {
  const events = await eventsOf(run);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  for (const step of steps) expect(faults.times(`/${step}/${run}`)).toBe(1);
}

describe('jobs of the queue', () => {
  it('lost by hand, with their hints: the sweep finds the runs, queued and parked ones', async () => {
    const queued = await storeSteps([faults.call('a')]);
    const parked = await storeSteps([{ id: 'nap', type: 'wait', config: { duration: '2s' } }, faults.call('b', ['nap'])], {
      concurrency: { limit: 5 },
    });
    const worker = await faults.start();
    const asleep = await parked.start(3);
    await until(async () => (await Promise.all(asleep.map(rowOf))).every((row) => row.status === 'waiting' && row.owner === null));
    // On a queue that nobody serves nobody hears of them.
    const runs = await queued.start(5, {}, { queue: 'elsewhere' });
    await pool().query('delete from graphile_worker._private_jobs');
    await pool().query(`update run set queue = 'default' where id = any($1)`, [runs.map(uuidOf)]);
    await ended([...runs, ...asleep], 10_000);
    for (const run of runs) await once(run, ['a']);
    for (const run of asleep) await once(run, ['b']);
    expect(worker.exitCode).toBeNull();
  }, 30_000);

  it('doubled, for runs that are long over, and handed out again after their lock of four hours: one owner, every step once', async () => {
    const { start } = await storeSteps([faults.call('hold'), faults.call('after', ['hold'])]);
    await faults.start();
    await faults.start();
    faults.holds = (path) => path.startsWith('/hold/');
    const runs = await start(5);
    await until(() => faults.held.length === 5);
    const owners = (await Promise.all(runs.map(rowOf))).map((row) => row.owner);
    for (const run of [...runs, ...runs, 'run_of_nobody']) {
      await pool().query('select graphile_worker.add_job($1, $2)', [WAKE_RUN_TASK, JSON.stringify({ run: uuidOf(run) })]);
      await pool().query('select graphile_worker.add_job($1, $2)', [WAKE_TASK, '{"returned":true}']);
    }
    // Jobs of a dispatcher that has not been heard of since, as graphile-worker frees them again after four hours.
    await pool().query(`
      select graphile_worker.add_job('${WAKE_TASK}', '{"returned":true}', run_at := now() + interval '1 hour') from generate_series(1, 5)`);
    await pool().query(
      `update graphile_worker._private_jobs set locked_at = now() - interval '4 hours 1 minute', locked_by = 'long_gone' where run_at > now()`,
    );
    const freed = await pool().query(
      `update graphile_worker._private_jobs set locked_at = null, locked_by = null, run_at = now() where locked_at < now() - interval '4 hours'`,
    );
    expect(freed.rowCount).toBe(5);
    await pool().query(`select graphile_worker.add_job('${WAKE_TASK}')`);
    await until(async () => (await jobs()) === 0);
    expect((await Promise.all(runs.map(rowOf))).map((row) => [row.owner, row.epoch])).toEqual(owners.map((owner) => [owner, 1]));
    faults.letGo();
    await ended(runs);
    for (const run of runs) await once(run, ['hold', 'after']);
  }, 30_000);
});

describe('a flush that the database refuses for a moment', () => {
  it('as one of a deadlock: it is sent again, and nothing is lost or doubled', async () => {
    const { start } = await storeSteps([faults.call('a')]);
    await faults.start();
    const before = await deadlocks();
    for (let round = 0; round < 10 && (await deadlocks()) === before; round++) {
      faults.holds = () => true;
      const runs = await start(20);
      await until(() => faults.held.length === runs.length);
      // The flush gets some of the rows and waits for one that we hold; then we ask for theirs. It is the flush that looks first.
      const last = faults.held.at(-1)?.path.replace('/a/', '') ?? '';
      const mine = await locked(`set local deadlock_timeout = '20s'`);
      await mine.also('select from run where id = $1 for update', [uuidOf(last)]);
      faults.letGo();
      await untilBlocked();
      await mine.also('select from run where id = any($1) for update', [runs.map(uuidOf)]);
      await mine.release();
      await ended(runs);
      for (const run of runs) await once(run, ['a']);
    }
    expect(await deadlocks()).toBeGreaterThan(before);
  }, 40_000);

  it('as one that cannot be serialized, whatever the isolation that the database is set to', async () => {
    const { rows } = await pool().query<{ name: string }>('select current_database() as name');
    const name = rows[0]?.name ?? '';
    await pool().query(`alter database ${name} set default_transaction_isolation = 'serializable'`);
    // Every seventh statement that writes rows of the journal is refused as PostgreSQL refuses one that it cannot serialize.
    await pool().query(`
      create sequence refusals;
      create function refuse_some() returns trigger language plpgsql as $$ begin
        if nextval('refusals') % 7 = 0 then raise exception 'could not serialize access' using errcode = '40001'; end if; return null;
      end $$;
      create trigger refuse_some after insert on run_event for each statement execute function refuse_some()`);
    const { start } = await storeSteps([faults.call('a'), faults.call('b', ['a']), faults.call('c', ['b'])]);
    const worker = await faults.start();
    const runs: string[] = [];
    const refusals = async () => {
      const { rows } = await pool().query<{ last_value: string }>('select last_value from refusals');
      return Math.floor(Number(rows[0]?.last_value) / 7);
    };
    // How many statements their rows go in depends on how busy the machine is.
    for (let round = 0; round < 60 && ((await refusals()) < 4 || runs.length < 30); round++) {
      const more = await start(5).catch(() => []);
      await ended(more, 20_000);
      runs.push(...more);
    }
    expect(await refusals()).toBeGreaterThanOrEqual(4);
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 1 });
      await once(run, ['a', 'b', 'c']);
    }
    await pool().query('drop trigger refuse_some on run_event');
    worker.kill('SIGKILL');
    await exitOf(worker);
    await pool().query(`alter database ${name} reset default_transaction_isolation`);
  }, 40_000);
});

async function deadlocks(): Promise<number> {
  const { rows } = await pool().query<{ n: number }>('select deadlocks::int as n from pg_stat_database where datname = current_database()');
  return rows[0]?.n ?? 0;
}
