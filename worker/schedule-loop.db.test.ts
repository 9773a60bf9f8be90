import { afterEach, beforeAll, expect, test } from 'vitest';
import { idFromUuid, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import { database, pool } from '#lib/db/client.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { wakeSchedulers } from '#lib/db/schedules.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { Step } from '#lib/workflow/definition.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, rowOf, startWorker, until } from './test-runs.ts';

let workers: RunWorker[] = [];

beforeAll(async () => {
  await freshDatabase();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(1000)));
  workers = [];
});

async function start(count: number, behavior: Parameters<typeof startWorker>[0] = () => done()): Promise<void> {
  const started = await Promise.all(Array.from({ length: count }, () => startWorker(behavior)));
  workers.push(...started);
}

/** An active workflow, stored as the API would. Answers what a schedule needs. */
async function workflow(
  steps: readonly Partial<Step>[] = [{ id: 'a', type: 'work' }],
): Promise<{ workspaceId: string; workflowId: string }> {
  const definitionHash = await storeDefinition(database(), { name: 'test', steps: steps as Step[] });
  const [workspaceId, workflowId] = [uuidv7(), uuidv7()];
  await database().workspace.create({ data: { id: workspaceId, name: 'test', slug: workspaceId } });
  await database().workflow.create({ data: { id: workflowId, workspaceId, name: 'test', status: 'active', currentVersion: 1 } });
  await database().version.create({ data: { workflowId, number: 1, definitionHash } });
  return { workspaceId, workflowId };
}

async function schedule(more: Record<string, unknown> = {}, steps?: readonly Partial<Step>[]): Promise<string> {
  const due = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const data = { ...(await workflow(steps)), cronExpression: '* * * * *', input: {}, nextDue: due, nextAt: due, ...more };
  const row = await database().schedule.create({ data });
  await wakeSchedulers();
  return row.id;
}

async function runsOf(scheduleUuid: string): Promise<string[]> {
  const { rows } = await pool().query<{ id: string }>(`select id from run where schedule->>'id' = $1 order by id`, [
    idFromUuid('sched', scheduleUuid),
  ]);
  return rows.map((row) => idFromUuid('run', row.id));
}

test('checklist #170: with three workers racing, each due time starts one run', async () => {
  await start(3);
  const schedules = await Promise.all(Array.from({ length: 40 }, () => schedule()));
  await until(async () => (await Promise.all(schedules.map(runsOf))).every((runs) => runs.length > 0));
  // Told again that something may be due, they all look again.
  for (let i = 0; i < 5; i++) await wakeSchedulers();
  const runs = (await Promise.all(schedules.map(runsOf))).flat();
  await ended(runs);
  const counted = async () => {
    const { rows } = await pool().query<{ times: number; fires: number }>(
      `select count(distinct (schedule_id, due_at))::int as times, count(run_id)::int as fires from schedule_fire where schedule_id = any($1)`,
      [schedules],
    );
    return rows[0] ?? { times: 0, fires: 0 };
  };
  // Where a minute has ended meanwhile, the second run of each begins when the first has ended.
  await until(async () => (await counted()).fires === (await counted()).times);
  expect((await Promise.all(schedules.map(runsOf))).flat()).toHaveLength((await counted()).fires);
});

test('it sleeps until the next due time and starts the run then, not before', async () => {
  await start(1);
  const at = new Date(Date.now() + 1500);
  const id = await schedule({ nextDue: at, nextAt: at });
  await until(async () => (await runsOf(id)).length > 0);
  const [run] = await runsOf(id);
  const { rows } = await pool().query<{ created_at: Date }>('select created_at from run where id = $1', [uuidFromId('run', run ?? '')]);
  const late = (rows[0]?.created_at.getTime() ?? 0) - at.getTime();
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(1000);
});

test('a paused schedule does not fire', async () => {
  await start(1);
  const [off, on] = await Promise.all([schedule({ enabled: false }), schedule()]);
  await until(async () => (await runsOf(on)).length > 0);
  expect(await runsOf(off)).toEqual([]);
});

test('checklist #173: expressions see the schedule, its cron text and the due time in milliseconds', async () => {
  await start(1);
  const fields = { cron: '{{ run.schedule.cron }}', due: '{{ run.schedule.due_at_ms }}', trigger: '{{ run.trigger }}' };
  const id = await schedule({ timezone: 'Asia/Tokyo' }, [{ id: 'a', type: 'transform', config: { fields } }]);
  await until(async () => (await runsOf(id)).length > 0);
  const [run = ''] = await runsOf(id);
  await ended([run]);
  const fire = await database().scheduleFire.findFirst({ where: { scheduleId: id } });
  expect((await rowOf(run)).output).toEqual({ a: { cron: '* * * * *', due: fire?.dueAt.getTime(), trigger: 'cron' } });
});

test('a run that ends lets the next one of its queue start, whoever drove it', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await start(2, async () => {
    await gate;
    return done();
  });
  const due = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000);
  const id = await schedule({ nextDue: due, nextAt: due, catchUp: 'all', overlap: 'queue' });
  await until(async () => (await database().scheduleFire.count({ where: { scheduleId: id, outcome: 'waiting' } })) > 0);
  expect(await runsOf(id)).toHaveLength(1);
  release();
  await until(async () => (await runsOf(id)).length >= 2);
  await ended(await runsOf(id));
  const fires = await database().scheduleFire.findMany({ where: { scheduleId: id, NOT: { runId: null } }, orderBy: { dueAt: 'asc' } });
  expect(fires.slice(0, 2).every((fire) => fire.endedAt !== null)).toBe(true);
});

test('the clock moved forward is downtime, moved back it fires nothing twice', async () => {
  const id = await schedule({ overlap: 'allow' });
  await start(1);
  await until(async () => (await runsOf(id)).length === 1);
  const before = await database().scheduleFire.findFirst({ where: { scheduleId: id } });
  // Back by a minute: the last due time lies ahead once more.
  await database().schedule.update({ where: { id }, data: { nextDue: before?.dueAt ?? null, nextAt: before?.dueAt ?? null } });
  await wakeSchedulers();
  await until(async () => ((await database().schedule.findUnique({ where: { id } }))?.nextDue ?? 0) > (before?.dueAt ?? 0));
  expect((await database().scheduleFire.findMany({ where: { scheduleId: id, dueAt: before?.dueAt ?? '' } })).length).toBe(1);
  expect((await runsOf(id)).length).toBe(await database().scheduleFire.count({ where: { scheduleId: id } }));
});
