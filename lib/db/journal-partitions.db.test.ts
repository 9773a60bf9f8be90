import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idFromUuid, uuidv7 } from '#lib/base/ids.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { database, disconnect, pool } from './client.ts';
import { createRuns } from './create-runs.ts';
import { storeDefinition } from './definitions.ts';
import { deleteExpiredRuns } from './expired-runs.ts';
import { keepPartitions } from './journal-partitions.ts';
import { stopListening } from './notify.ts';
import { readAllEvents } from './run-events.ts';
import { freshDatabase } from './test-database.ts';

const WEEK = 7 * 86_400_000;
const OLD = 'run_event_old';
let start: Awaited<ReturnType<typeof workflow>>;

beforeAll(async () => {
  await freshDatabase();
  start = await workflow();
  atEnd(async () => {
    await stopListening();
    await disconnect();
  });
});

beforeEach(async () => {
  await pool().query('delete from run');
  await pool().query('delete from journal.remains');
  await pool().query(`drop table if exists journal.${OLD}`);
  await pool().query(`do $$ begin execute format('create table journal.${OLD} partition of run_event for values from (%L) to (%L)',
    journal.first_id(now() - interval '21 days'), journal.first_id(now() - interval '14 days')); end $$`);
});

async function workflow() {
  const definitionHash = await storeDefinition(database(), {
    name: 'old',
    steps: [{ id: 'a', type: 'transform', config: { expression: '1' } }],
  });
  const [workspace, id] = [uuidv7(), uuidv7()];
  await database().workspace.create({ data: { id: workspace, name: 'w', slug: workspace } });
  await database().workflow.create({ data: { id, workspaceId: workspace, name: 'old', currentVersion: 1 } });
  const run = {
    workspaceId: idFromUuid('ws', workspace),
    workflowId: idFromUuid('wf', id),
    version: 1,
    definitionHash,
    trigger: 'api',
    input: {},
  };
  /** Runs of about so long ago that have ended with 20 events of 1 kB each; they expire where that is said. */
  return async (count: number, ago: number, expires: boolean): Promise<string[]> => {
    // Made in the order of their ids, the oldest first, as the clock would.
    const ids = Array.from({ length: count }, (_, at) => oldId(Date.now() - ago + at));
    for (let at = 0; at < count; at += 1000) await createRuns(ids.slice(at, at + 1000).map((uuid) => ({ ...run, uuid })));
    await pool().query(
      `insert into run_event (run_id, seq, type, step, attempt, at, data)
       select id, n, 'step_completed', 'a', 1, now(), json_build_object('output', repeat(md5(id::text || n), 30)) from unnest($1::uuid[]) as id, generate_series(2, 21) as n`,
      [ids],
    );
    await pool().query(
      `update run set status = 'completed', completed_at = now(), last_seq = 21, expires_at = case when $2 then now() - interval '1 s' end where id = any($1)`,
      [ids, expires],
    );
    return ids;
  };
}

let counter = 0;
/** uuidv7() never goes back, so an id of another time is made by hand. */
function oldId(at: number): string {
  const time = at.toString(16).padStart(12, '0');
  counter += 1;
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${counter.toString(16).padStart(12, '0')}`;
}

async function size(): Promise<number> {
  const { rows } = await pool().query<{ bytes: number }>(
    `select sum(pg_total_relation_size(inhrelid))::float8 as bytes from pg_inherits where inhparent = 'run_event'::regclass`,
  );
  return rows[0]?.bytes ?? 0;
}

async function partitions(): Promise<string[]> {
  const { rows } = await pool().query<{ name: string }>('select name from journal.partitions()');
  return rows.map((row) => row.name);
}

async function rowsOf(ids: readonly string[]): Promise<number> {
  const { rows } = await pool().query<{ count: number }>('select count(*)::int as count from run_event where run_id = any($1)', [ids]);
  return rows[0]?.count ?? 0;
}

const aDayLater = () => pool().query(`update journal.remains set cleaned_at = now() - interval '25 hours'`);

describe('partitions of the journal', () => {
  it('follow each other without a gap, from this week to four weeks ahead, and are made once', async () => {
    await pool().query(`drop table journal.${OLD}`);
    const { rows } = await pool().query<{ from: Date; to: Date }>(
      'select journal.moment_of(lower_id) as "from", journal.moment_of(upper_id) as "to" from journal.partitions()',
    );
    expect(rows.length).toBeGreaterThanOrEqual(5);
    for (const [at, one] of rows.entries()) {
      expect(one.to.getTime()).toBe(rows[at + 1]?.from.getTime() ?? one.to.getTime());
      expect([one.to.getUTCDay(), one.to.getUTCHours()]).toEqual([1, 0]);
    }
    expect(rows[0]?.from.getTime()).toBeLessThanOrEqual(Date.now());
    expect(rows.at(-1)?.to.getTime()).toBeGreaterThan(Date.now() + 4 * WEEK);
    const made = () => pool().query<{ made: number }>('select journal.ensure_partitions() as made, journal.ensure_partitions(6) as more');
    expect((await made()).rows).toEqual([{ made: 0, more: 2 }]);
    expect((await made()).rows).toEqual([{ made: 0, more: 0 }]);
  });

  it('checklist #96: give the disk back when no run of theirs is kept', async () => {
    const before = await size();
    const ids = await start(1000, 2.5 * WEEK, true);
    const today = await start(10, 0, true);
    const full = await size();
    expect(full - before).toBeGreaterThan(15_000_000);
    expect(await deleteExpiredRuns(new Date(), 10_000)).toBe(1010);
    // Those of the open week are gone at once, the others with their partition.
    expect([await rowsOf(today), await rowsOf(ids)]).toEqual([0, 21_000]);
    expect(await keepPartitions()).toEqual({ dropped: [OLD], cleaned: [] });
    expect(await partitions()).not.toContain(OLD);
    expect(await size()).toBeLessThan(before + (full - before) / 50);
  });

  it('lose no run that is kept for longer: what is left moves, its runs go on, and the disk comes back all the same', async () => {
    const before = await size();
    const gone = await start(1000, 2.5 * WEEK, true);
    const kept = await start(20, 2.4 * WEEK, false);
    await pool().query(`analyze journal.${OLD}`);
    const stories = await Promise.all(kept.map(readAllEvents));
    const full = await size();
    expect(await deleteExpiredRuns(new Date(), 10_000)).toBe(1000);
    expect(await keepPartitions()).toEqual({ dropped: [], cleaned: [] });
    await aDayLater();
    expect(await keepPartitions()).toEqual({ dropped: [], cleaned: [OLD] });
    expect(await rowsOf(gone)).toBe(0);
    expect(await Promise.all(kept.map(readAllEvents))).toEqual(stories);
    expect(await size()).toBeLessThan(before + (full - before) / 10);
    // A straggler goes on, into the same partition, and not twice under one number.
    const append = `insert into run_event (run_id, seq, type, at) values ($1, $2, 'run_reopened', now()) returning tableoid::regclass::text as place`;
    expect((await pool().query(append, [kept[0], 22])).rows).toEqual([{ place: `journal.${OLD}` }]);
    await expect(pool().query(append, [kept[0], 22])).rejects.toMatchObject({ code: '23505' });
    // The last of them goes, and with it the partition.
    await pool().query(`update run set expires_at = now() - interval '1 s'`);
    await deleteExpiredRuns(new Date(), 10_000);
    expect(await keepPartitions()).toEqual({ dropped: [OLD], cleaned: [] });
  });

  it('are cleaned row by row where few of many are gone', async () => {
    const gone = await start(10, 2.5 * WEEK, true);
    const kept = await start(200, 2.4 * WEEK, false);
    await pool().query(`analyze journal.${OLD}`);
    await deleteExpiredRuns(new Date(), 10_000);
    await aDayLater();
    const { rows: before } = await pool().query(`select 'journal.${OLD}'::regclass::oid`);
    expect(await keepPartitions()).toEqual({ dropped: [], cleaned: [OLD] });
    expect((await pool().query(`select 'journal.${OLD}'::regclass::oid`)).rows).toEqual(before);
    expect([await rowsOf(gone), await rowsOf(kept)]).toEqual([0, 200 * 21]);
    await aDayLater();
    expect(await keepPartitions()).toEqual({ dropped: [], cleaned: [] });
  });

  it('wait for nobody who reads: they go another time, and hold readers up no longer than half a second', async () => {
    await start(5, 2.5 * WEEK, true);
    await deleteExpiredRuns(new Date(), 10_000);
    const reader = await pool().connect();
    await reader.query('begin');
    await reader.query('select count(*) from run_event');
    const began = Date.now();
    const work = keepPartitions();
    const other = pool().query('select count(*) from run_event');
    expect(await work).toEqual({ dropped: [], cleaned: [] });
    await other;
    expect(Date.now() - began).toBeLessThan(3000);
    expect(await partitions()).toContain(OLD);
    await reader.query('commit');
    reader.release();
    expect(await keepPartitions()).toEqual({ dropped: [OLD], cleaned: [] });
  });
});
