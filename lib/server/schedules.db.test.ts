import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { createSchedule as createContract } from '#lib/contracts/schedules.ts';
import { pool } from '#lib/db/client.ts';
import { deleteExpired } from '#lib/db/expired.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { backfillSchedule } from './backfill-schedule.ts';
import { createSchedule } from './create-schedule.ts';
import { createWorkflow } from './create-workflow.ts';
import { deleteSchedule } from './delete-schedule.ts';
import { fireDueSchedules, startWaitingFires } from './fire-schedules.ts';
import { getRun } from './get-run.ts';
import { getSchedule } from './get-schedule.ts';
import { getWorkflow } from './get-workflow.ts';
import { listScheduleFires } from './list-schedule-fires.ts';
import { listSchedules, listWorkflowSchedules } from './list-schedules.ts';
import { listWorkflows } from './list-workflows.ts';
import { previewSchedule } from './preview-schedule.ts';
import { resumeRun } from './resume-run.ts';
import { runSchedule } from './run-schedule.ts';
import { setWorkflowStatus } from './set-workflow-status.ts';
import { failedEvents, journal, uuidOf } from './test-journal.ts';
import { codeOf, exampleDefinition, refusalOf, testAccess } from './test-workspace.ts';
import { pauseSchedule, resumeSchedule, updateSchedule } from './update-schedule.ts';
import { updateWorkflow } from './update-workflow.ts';

const none = { params: {}, query: {}, body: {} };
const page = { limit: 50, offset: 0 };
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

async function workflow(status: 'active' | 'draft' = 'active', more: JsonObject = {}): Promise<string> {
  const body = { definition: exampleDefinition(undefined, more) as never, trigger_type: 'manual' as const, tags: [], draft: false };
  const { id } = await createWorkflow(access, { ...none, body });
  if (status !== 'draft') await setStatus(id, status);
  return id;
}

const setStatus = (id: string, status: 'active' | 'draft' | 'paused' | 'archived') =>
  setWorkflowStatus(access, { ...none, params: { id }, body: { status } });

/** As the API's door parses it. */
const bodyOf = (body: Record<string, unknown>) => createContract.body.parse({ cron_expression: '0 9 * * *', ...body });
const create = (id: string, body: Record<string, unknown> = {}, who = access) =>
  createSchedule(who, { ...none, params: { id }, body: bodyOf(body) });
const at = (schedule_id: string) => ({ ...none, params: { schedule_id } });
const firesOf = async (id: string) => (await listScheduleFires(access, { ...at(id), query: page })).fires;

/** Moves a schedule's next due time, as if the clock had been moved. */
async function setDue(id: string, millisAgo: number): Promise<void> {
  await pool().query(
    `update schedule set next_due = date_trunc('minute', now()) - $2 * interval '1 ms', next_at = date_trunc('minute', now()) - $2 * interval '1 ms'
     where replace(id::text, '-', '') = $1`,
    [id.slice('sched_'.length), millisAgo],
  );
}

async function fire(): Promise<void> {
  while ((await fireDueSchedules(50)) > 0);
  while ((await startWaitingFires(50)) > 0);
}

/** A run of a schedule ends, as its owner would write it. */
async function end(runId: string): Promise<void> {
  await pool().query(`update run set status = 'completed', completed_at = now() where replace(id::text, '-', '') = $1`, [
    runId.slice('run_'.length),
  ]);
}

describe('create', () => {
  it('checklist #163: answers the schedule with its id', async () => {
    const id = await workflow();
    const { schedule_id, schedule } = await create(id, {
      cron_expression: '30 9 * * mon-fri',
      timezone: 'Europe/Berlin',
      input_data: { a: 1 },
    });
    expect(schedule_id).toMatch(/^sched_[0-9a-f]{32}$/);
    expect(schedule).toMatchObject({
      id: schedule_id,
      workflow_id: id,
      workflow_name: 'Fetch and notify',
      cron_expression: '30 9 * * mon-fri',
      timezone: 'Europe/Berlin',
      input_data: { a: 1 },
      enabled: true,
      description: 'At 09:30, Monday through Friday',
      last_run_at: null,
    });
    expect(schedule.next_times).toHaveLength(10);
    expect(schedule.next_times[0]).toBe(schedule.next_run_at);
    expect(Date.parse(schedule.next_run_at ?? '')).toBeGreaterThan(Date.now());
    expect((await create(id)).schedule.timezone).toBe('UTC');
  });

  it('checklist #166 #167: refuses a bad expression and an unknown zone together, each at its path', async () => {
    const id = await workflow();
    const refusal = await refusalOf(create(id, { cron_expression: '61 * * * *', timezone: 'Mars/Base' }));
    expect(refusal.code).toBe('validation_error');
    expect(refusal.details).toMatchObject([
      { path: '/cron_expression', code: 'bad_cron' },
      { path: '/timezone', code: 'unknown_timezone' },
    ]);
    expect((await refusalOf(create(id, { cron_expression: '0 0 30 2 *' }))).details).toMatchObject([{ code: 'never_fires' }]);
  });

  it('checks the input against the workflow, and finds no workflow of others', async () => {
    const id = await workflow('active', { input_schema: { type: 'object', required: ['region'] } });
    expect((await refusalOf(create(id))).details).toMatchObject([{ path: '/input_data/region' }]);
    expect(await codeOf(create(id, { input_data: { region: 'eu' } }))).toBe('fulfilled');
    expect(await codeOf(create(id, {}, await testAccess('Eve')))).toBe('not_found');
    await setStatus(id, 'archived');
    expect(await codeOf(create(id, { input_data: { region: 'eu' } }))).toBe('conflict');
  });

  it.each<[string, Json]>([
    ['null', null],
    ['a list', [1, { a: null }]],
    ['a text', 'x'],
  ])('keeps %s as input', async (_name, input) => {
    const { schedule_id } = await create(await workflow(), { input_data: input });
    expect((await getSchedule(access, at(schedule_id))).input_data).toEqual(input);
  });
});

describe('list', () => {
  it('checklist #164: of one workflow, with next and last run time and whether it is enabled', async () => {
    const id = await workflow();
    const later = await create(id, { cron_expression: '0 0 1 1 *' });
    const sooner = await create(id, { cron_expression: '* * * * *' });
    const paused = await create(id, { enabled: false });
    await setDue(sooner.schedule_id, 0);
    await fire();
    const list = await listWorkflowSchedules(access, { ...none, params: { id }, query: page });
    expect(list.total).toBe(3);
    expect(list.schedules.map((one) => [one.id, one.enabled, one.next_run_at !== null, one.last_run_at !== null])).toEqual([
      [sooner.schedule_id, true, true, true],
      [later.schedule_id, true, true, false],
      [paused.schedule_id, false, false, false],
    ]);
    const everywhere = await listSchedules(access, { ...none, query: { ...page, limit: 200 } });
    expect(everywhere.schedules.map((one) => one.id)).toEqual(expect.arrayContaining(list.schedules.map((one) => one.id)));
    const others = await listSchedules(await testAccess('Eve'), { ...none, query: page });
    expect(others).toEqual({ schedules: [], total: 0, next_cursor: null });
  });

  it('gives every schedule once to who follows the cursors, also those that are due at one moment and those that are paused', async () => {
    const id = await workflow();
    for (let count = 0; count < 3; count += 1) await create(id, { cron_expression: '0 0 1 1 *' });
    for (let count = 0; count < 2; count += 1) await create(id, { enabled: false });
    const whole = await listWorkflowSchedules(access, { ...none, params: { id }, query: page });
    expect(whole.next_cursor).toBeNull();
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let turn = 0; turn < 5; turn += 1) {
      const query = { ...page, limit: 1, ...(cursor === undefined ? {} : { cursor }) };
      const part = await listWorkflowSchedules(access, { ...none, params: { id }, query });
      expect(part.total).toBe(5);
      seen.push(...part.schedules.map((one) => one.id));
      cursor = part.next_cursor ?? undefined;
    }
    expect(cursor).toBeUndefined();
    expect(seen).toEqual(whole.schedules.map((one) => one.id));
  });

  it('workflows show when they are due next, while they are active', async () => {
    const id = await workflow();
    const { schedule } = await create(id);
    expect((await getWorkflow(access, { ...none, params: { id } })).next_run_at).toBe(schedule.next_run_at);
    const { workflows } = await listWorkflows(access, { ...none, query: { ...page, limit: 200 } });
    expect(workflows.find((row) => row.id === id)?.next_run_at).toBe(schedule.next_run_at);
    await setStatus(id, 'paused');
    expect((await getWorkflow(access, { ...none, params: { id } })).next_run_at).toBeNull();
  });
});

describe('change', () => {
  it('changes what is given and no more; a changed time is due anew', async () => {
    const { schedule_id: id, schedule } = await create(await workflow(), { input_data: { a: 1 }, name: 'Nightly' });
    const renamed = await updateSchedule(access, { ...at(id), body: { name: 'Morning' } });
    expect(renamed).toMatchObject({ name: 'Morning', input_data: { a: 1 }, next_run_at: schedule.next_run_at });
    const moved = await updateSchedule(access, { ...at(id), body: { cron_expression: '0 10 * * *', timezone: 'Asia/Tokyo' } });
    expect(moved.next_run_at).toMatch(/T01:00:00/);
    expect(await codeOf(updateSchedule(access, { ...at(id), body: { timezone: 'x/y' } }))).toBe('validation_error');
    expect(await codeOf(updateSchedule(await testAccess('Eve'), { ...at(id), body: { name: 'x' } }))).toBe('not_found');
  });

  it('pauses and resumes: what was due meanwhile is not caught up', async () => {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '* * * * *' });
    expect(await pauseSchedule(access, at(id))).toMatchObject({ enabled: false, next_run_at: null, next_times: [] });
    await fire();
    expect(await firesOf(id)).toEqual([]);
    const resumed = await resumeSchedule(access, at(id));
    expect(resumed.enabled).toBe(true);
    expect(Date.parse(resumed.next_run_at ?? '')).toBeGreaterThan(Date.now() - 1000);
  });

  it('checklist #165: deletes once, then it is gone and fires no more', async () => {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '* * * * *' });
    await setDue(id, 0);
    expect(await codeOf(deleteSchedule(await testAccess('Eve'), at(id)))).toBe('not_found');
    expect(await deleteSchedule(access, at(id))).toBeNull();
    expect(await codeOf(deleteSchedule(access, at(id)))).toBe('not_found');
    expect(await codeOf(getSchedule(access, at(id)))).toBe('not_found');
    expect(await fireDueSchedules(50)).toBe(0);
  });
});

it('checklist #174: previews the next times of an expression, zone and start', async () => {
  const body = { cron_expression: '30 2 * * *', timezone: 'Europe/Berlin', from: '2026-03-28T12:00:00Z', count: 2 };
  expect(await previewSchedule(access, { ...none, body })).toEqual({
    times: ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'],
    timezone: 'Europe/Berlin',
    description: 'At 02:30',
  });
  expect(await codeOf(previewSchedule(access, { ...none, body: { ...body, cron_expression: 'x' } }))).toBe('validation_error');
});

describe('what becomes of due times', () => {
  it('checklist #173: the run carries trigger cron, the cron text and the due time in milliseconds', async () => {
    const id = await workflow();
    const { schedule_id } = await create(id, {
      cron_expression: '* * * * *',
      timezone: 'Asia/Tokyo',
      input_data: { n: 1 },
      name: 'Each minute',
    });
    await setDue(schedule_id, 0);
    await fire();
    const [made] = await firesOf(schedule_id);
    expect(made).toMatchObject({ outcome: 'started', kind: 'schedule', count: 1, run: { status: 'queued' } });
    const { run } = await getRun(access, { ...none, params: { run_id: made?.run?.id ?? '' } });
    expect(run).toMatchObject({
      workflow_id: id,
      version: 1,
      trigger: 'cron',
      input: { n: 1 },
      schedule: {
        id: schedule_id,
        name: 'Each minute',
        cron: '* * * * *',
        timezone: 'Asia/Tokyo',
        due_at: made?.due_at,
        due_at_ms: Date.parse(made?.due_at ?? ''),
      },
    });
    expect((await getSchedule(access, at(schedule_id))).last_run_at).toBe(made?.due_at);
  });

  it.each(['draft', 'paused', 'archived'] as const)(
    'checklist #172: a %s workflow is not started, and its due times are written down',
    async (status) => {
      const id = await workflow();
      const { schedule_id } = await create(id, { cron_expression: '* * * * *', catch_up: 'all' });
      await setStatus(id, status);
      await setDue(schedule_id, 180_000);
      await fire();
      const fires = await firesOf(schedule_id);
      expect(fires).toMatchObject([{ outcome: 'inactive', run: null, count: 4 }]);
      expect(fires[0]?.detail).toMatch(/^The workflow was /);
      await setStatus(id, 'active');
      await fire();
      expect(await firesOf(schedule_id)).toHaveLength(1);
    },
  );

  it.each([
    ['skip', 0],
    ['once', 1],
    ['all', 3],
  ] as const)('checklist #171: after three missed hours, catch_up %s starts %i', async (catchUp, runs) => {
    const { schedule_id } = await create(await workflow(), { cron_expression: '* * * * *', catch_up: catchUp, overlap: 'allow' });
    await updateSchedule(access, { ...at(schedule_id), body: { cron_expression: `${new Date().getUTCMinutes()} * * * *` } });
    // This hour's time is met; it is not among those that were missed.
    await setDue(schedule_id, 3 * 3_600_000);
    await fire();
    const fires = await firesOf(schedule_id);
    const started = fires.filter((one) => one.outcome === 'started');
    expect(started.length).toBe(catchUp === 'once' ? 1 : runs + 1);
    expect(fires.reduce((sum, one) => sum + one.count, 0)).toBe(4);
  });

  it('a limit of the workflow holds for its scheduled runs too', async () => {
    const id = await workflow('active', { concurrency: { limit: 1, on_limit: 'skip' } });
    const { schedule_id } = await create(id, { cron_expression: '* * * * *', catch_up: 'all', overlap: 'queue' });
    await runSchedule(access, at(schedule_id));
    await pool().query('update schedule_fire set ended_at = now() where run_id is not null');
    await setDue(schedule_id, 0);
    await fire();
    const made = (await firesOf(schedule_id)).find((one) => one.kind === 'schedule');
    expect(made).toMatchObject({ outcome: 'started', run: { status: 'cancelled' } });
    const { rows } = await pool().query('select ended_at from schedule_fire where due_at = $1', [made?.due_at]);
    expect(rows[0]?.ended_at).not.toBeNull();
  });

  it('an input that no longer fits starts nothing and says so', async () => {
    const id = await workflow();
    const { schedule_id } = await create(id, { cron_expression: '* * * * *' });
    const definition = exampleDefinition(undefined, { input_schema: { type: 'object', required: ['region'] } });
    await updateWorkflow(access, { ...none, params: { id }, body: { definition: definition as never } });
    await setDue(schedule_id, 0);
    await fire();
    expect(await firesOf(schedule_id)).toMatchObject([{ outcome: 'refused', run: null, detail: expect.stringContaining('/region') }]);
    expect(await codeOf(runSchedule(access, at(schedule_id)))).toBe('validation_error');
  });
});

describe('overlap', () => {
  /** Two due times, the first run still under way at the second. Answers the fires, newest first, and the first run. */
  async function twice(overlap: string): Promise<{ id: string; first: string }> {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '* * * * *', overlap });
    await setDue(id, 60_000);
    await pool().query(`update schedule set catch_up = 'all' where replace(id::text, '-', '') = $1`, [id.slice(6)]);
    await fireDueSchedules(50);
    const started = (await firesOf(id)).filter((one) => one.run !== null);
    return { id, first: started.at(-1)?.run?.id ?? '' };
  }
  const outcomes = async (id: string) => (await firesOf(id)).map((one) => one.outcome);

  it('allow: both at once', async () => {
    const { id } = await twice('allow');
    expect(await outcomes(id)).toEqual(['started', 'started']);
  });

  it('skip: the second is left out', async () => {
    const { id } = await twice('skip');
    expect(await outcomes(id)).toEqual(['skipped', 'started']);
  });

  it.each(['queue', 'buffer_one'])('%s: the second starts when the first has ended', async (policy) => {
    const { id, first } = await twice(policy);
    expect(await outcomes(id)).toEqual(['waiting', 'started']);
    expect(await startWaitingFires(50)).toBe(0);
    await end(first);
    expect(await startWaitingFires(50)).toBe(1);
    expect(await outcomes(id)).toEqual(['started', 'started']);
  });

  it.each([
    ['skip', 'skipped'],
    ['queue', 'waiting'],
  ])('%s: a run that ended and is resumed counts as under way again', async (overlap, outcome) => {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '* * * * *', overlap });
    await setDue(id, 0);
    await fireDueSchedules(50);
    const first = (await firesOf(id))[0]?.run?.id ?? '';
    await journal(first, failedEvents, { status: 'failed' });
    const ended = await pool().query(`select ended_at from schedule_fire where run_id = $1`, [uuidOf(first)]);
    expect(ended.rows, 'its due time knows that it ended').toEqual([{ ended_at: expect.any(Date) }]);
    const resumed = await resumeRun(access, { ...none, params: { run_id: first }, body: { from_step: 'notify', dry_run: false } });
    expect(resumed).toMatchObject({ runs_again: ['notify'], kept: ['fetch'] });
    // The clock goes on by an hour.
    await pool().query(`update schedule_fire set due_at = due_at - interval '1 hour' where run_id = $1`, [uuidOf(first)]);
    await setDue(id, 0);
    await fireDueSchedules(50);
    expect(await startWaitingFires(50)).toBe(0);
    expect(await outcomes(id)).toEqual([outcome, 'started']);
    await deleteSchedule(access, at(id));
  });

  it('one that can start is not held up by others that cannot yet', async () => {
    const workflowId = await workflow();
    const ids: string[] = [];
    for (const overlap of ['queue', 'cancel_running', 'queue'] as const) {
      const { schedule_id: id } = await create(workflowId, { cron_expression: '* * * * *', overlap, catch_up: 'all' });
      await setDue(id, 0);
      await fireDueSchedules(50);
      await pool().query(`update schedule_fire set due_at = due_at - interval '1 hour' where run_id is not null and ended_at is null`);
      await setDue(id, 0);
      // The run that is under way takes no notice of being cancelled.
      await pool().query(`update run set owner = gen_random_uuid(), status = 'running' where status = 'queued'`);
      await fireDueSchedules(50);
      expect((await outcomes(id))[0]).toBe('waiting');
      ids.push(id);
    }
    const last = ids[2] ?? '';
    await pool().query(
      `update run set status = 'cancelled', owner = null, completed_at = now() where id = (
      select run_id from schedule_fire where replace(schedule_id::text, '-', '') = $1 and run_id is not null)`,
      [last.slice('sched_'.length)],
    );
    expect(await startWaitingFires(1)).toBe(1);
    expect((await outcomes(last))[0]).toBe('started');
    for (const id of ids) await deleteSchedule(access, at(id));
  });

  it('cancel_running: the first is cancelled, then the second starts', async () => {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '* * * * *', overlap: 'cancel_running' });
    await setDue(id, 0);
    await fireDueSchedules(50);
    const first = (await firesOf(id))[0]?.run?.id ?? '';
    // The clock goes on by an hour.
    await pool().query(`update schedule_fire set due_at = due_at - interval '1 hour' where run_id is not null and ended_at is null`);
    await setDue(id, 0);
    await fireDueSchedules(50);
    expect(await outcomes(id)).toEqual(['waiting', 'started']);
    expect((await getRun(access, { ...none, params: { run_id: first } })).run.status).toBe('cancelled');
    expect(await startWaitingFires(50)).toBe(1);
    expect((await firesOf(id)).map((one) => one.run?.status)).toEqual(['queued', 'cancelled']);
  });

  it('cancel_running: of several that wait, the newest counts', async () => {
    const { schedule_id: id } = await create(await workflow(), {
      cron_expression: '* * * * *',
      overlap: 'cancel_running',
      catch_up: 'all',
    });
    await setDue(id, 180_000);
    await fireDueSchedules(50);
    expect(await outcomes(id)).toEqual(['started', 'skipped', 'skipped', 'skipped']);
  });
});

it('what became of due times is kept for a year, and what is still open for longer', async () => {
  const { schedule_id: id } = await create(await workflow(), { cron_expression: '* * * * *' });
  await pool().query(
    `insert into schedule_fire (schedule_id, due_at, outcome, run_id, ended_at)
     select s.id, now() - days * interval '1 day', outcome, case when outcome = 'started' then gen_random_uuid() end,
       case when ended then now() end
     from schedule s, (values (400, 'started', true), (401, 'started', false), (402, 'waiting', false), (403, 'skipped', false),
       (300, 'skipped', false)) as f(days, outcome, ended) where replace(s.id::text, '-', '') = $1`,
    [id.slice('sched_'.length)],
  );
  await deleteExpired(new Date());
  expect((await firesOf(id)).map((one) => one.outcome)).toEqual(['skipped', 'started', 'waiting']);
  await deleteSchedule(access, at(id));
});

describe('run now and backfill', () => {
  it('runs now with the schedule’s input, as often as it is asked', async () => {
    const { schedule_id: id } = await create(await workflow('draft'), { input_data: { n: 2 } });
    const [first, second] = await Promise.all([runSchedule(access, at(id)), runSchedule(access, at(id))]);
    expect(first.run_id).not.toBe(second.run_id);
    const { run } = await getRun(access, { ...none, params: { run_id: first.run_id } });
    expect(run).toMatchObject({ trigger: 'manual', input: { n: 2 }, schedule: { id } });
    expect((await firesOf(id)).map((one) => one.kind)).toEqual(['manual', 'manual']);
  });

  it('says how many a backfill would start, then starts each due time once', async () => {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '0 * * * *' });
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T05:00:00Z', overlap: 'allow' as const };
    const counted = await backfillSchedule(access, { ...at(id), body: { ...range, dry_run: true } });
    expect(counted).toMatchObject({ count: 5, already: 0, run_ids: [] });
    expect(counted.times).toHaveLength(5);
    expect(await firesOf(id)).toEqual([]);
    const done = await backfillSchedule(access, { ...at(id), body: { ...range, dry_run: false } });
    expect(done.run_ids).toHaveLength(5);
    const again = await backfillSchedule(access, { ...at(id), body: { ...range, to: '2026-01-01T06:00:00Z', dry_run: false } });
    expect(again).toMatchObject({ count: 1, already: 5 });
    expect((await firesOf(id)).map((one) => one.kind)).toEqual(Array(6).fill('backfill'));
  });

  it('lets a backfill go one after another, oldest first', async () => {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '0 * * * *' });
    const body = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T03:00:00Z', overlap: 'queue' as const, dry_run: false };
    expect(await backfillSchedule(access, { ...at(id), body })).toMatchObject({ count: 3, run_ids: [] });
    for (const hour of ['00', '01', '02']) {
      expect(await startWaitingFires(50)).toBe(1);
      const started = (await firesOf(id)).find((one) => one.outcome === 'started' && one.run?.status === 'queued');
      expect(started?.due_at).toBe(`2026-01-01T${hour}:00:00.000Z`);
      await end(started?.run?.id ?? '');
    }
  });

  it('refuses a range that is too long, ends in the future or before it begins', async () => {
    const { schedule_id: id } = await create(await workflow(), { cron_expression: '* * * * *' });
    const month = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', overlap: 'queue' as const };
    const counted = await backfillSchedule(access, { ...at(id), body: { ...month, dry_run: true } });
    expect(counted).toMatchObject({ count: 1000, more: true, run_ids: [] });
    const ask = (from: string, to: string) =>
      refusalOf(backfillSchedule(access, { ...at(id), body: { from, to, overlap: 'queue', dry_run: false } }));
    expect((await ask('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')).message).toContain('1000');
    expect((await ask('2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z')).details).toMatchObject([{ path: '/to' }]);
    expect((await ask('2026-01-02T00:00:00Z', '2999-01-01T00:00:00Z')).message).toContain('past');
  });
});
