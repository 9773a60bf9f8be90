import { beforeAll, expect, it } from 'vitest';
import { uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import { database, pool } from '#lib/db/client.ts';
import { api } from '#lib/http/api.ts';
import { type TestApi, testApi } from '#lib/http/test-api.ts';
import { exitOf, freshFaults } from './test-faults.ts';
import { ended, eventsOf, rowOf, storyOf, until, uuidOf } from './test-runs.ts';

/** Everything that starts runs or reaches them goes on while no worker is there. */
const faults = freshFaults();
let me: TestApi;

beforeAll(async () => {
  me = await testApi();
});

async function workflow(steps: readonly object[], more: object = {}): Promise<string> {
  const id = await me.workflow({ name: 'test', steps, ...more });
  await me.call('PATCH', `/api/workflows/${id}/status`, { status: 'active' });
  return id;
}

const wait = (id: string, config: object, after: string[] = []) => ({ id, type: 'wait', config, depends_on: after });

it('all workers gone while REST, a hook, a schedule, events and timers go on: nothing is lost, the order is kept, nothing waits anew', async () => {
  const plain = await workflow([faults.call('t')]);
  const waits = await workflow([
    faults.call('begin'),
    wait('paid', { event_type: 'paid' }, ['begin']),
    wait('again', { event_type: 'paid' }, ['paid']),
    faults.call('thanks', ['again']),
  ]);
  const naps = await workflow([wait('nap', { duration: '4s' }), faults.call('woken', ['nap'])]);
  const parks = await workflow([wait('nap', { duration: '4s' }), faults.call('woken', ['nap'])], { concurrency: { limit: 2 } });
  const hook = await me.call<{ path: string }>('POST', `/api/workflows/${plain}/hooks`, { name: 'Orders', signature: 'none' });
  expect(hook.status).toBe(201);

  const victim = await faults.start();
  const during = await me.run(waits);
  const [asleep, parked] = [await me.run(naps), await me.run(parks)];
  const napping = Date.now();
  await until(async () => (await rowOf(during)).status === 'waiting' && (await storyOf(during)).includes('step_waiting paid'));
  await until(async () => (await rowOf(parked)).status === 'waiting' && (await rowOf(parked)).owner === null);
  await until(async () => (await storyOf(asleep)).includes('step_waiting nap'));
  victim.kill('SIGKILL');
  await exitOf(victim);

  // Nobody is there. The event comes during one wait and before two others.
  const order: string[] = [];
  const before = await me.run(waits);
  for (const run of [during, before, before]) {
    expect((await me.call('POST', `/api/workflows/runs/${run}/events/paid`, { by: 'Ada' })).status).toBe(202);
  }
  for (let n = 0; n < 6; n++) {
    order.push(await me.run(plain, { input_data: { n } }));
    const response = await api().request(`http://127.0.0.1:3000${hook.body.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"n":${n}}`,
    });
    expect(response.status).toBe(202);
  }
  const hooked = await pool().query<{ id: string }>(`select id from run where trigger = 'webhook' order by id`);
  expect(hooked.rows).toHaveLength(6);
  const due = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const schedule = await database().schedule.create({
    data: {
      ...{ id: uuidv7(), workspaceId: uuidFromId('ws', me.access.workspaceId) ?? '', workflowId: uuidFromId('wf', plain) ?? '' },
      ...{ cronExpression: '* * * * *', input: {}, nextDue: due, nextAt: due },
    },
  });
  await until(() => Date.now() > napping + 4000);

  const back = Date.now();
  await faults.start({ WORKFLOW_MAX_CONCURRENT_RUNS: '1' });
  const hookedIds = hooked.rows.map((row) => `run_${row.id.replaceAll('-', '')}`);
  const all = [...order, ...hookedIds].sort();
  await ended([...all, asleep, parked, before]);
  expect(faults.asked.flatMap(({ path }) => /^\/t\/(.+)/.exec(path)?.[1] ?? []).filter((run) => all.includes(run))).toEqual(all);
  for (const run of [asleep, parked]) {
    expect(faults.times(`/woken/${run}`)).toBe(1);
    const woke = (await eventsOf(run)).find((event) => event.type === 'step_completed' && event.step === 'nap');
    // Due while nobody was there: at once, and not after another four seconds.
    expect(woke?.at ?? 0).toBeGreaterThanOrEqual(back - 1000);
    expect((woke?.at ?? 0) - back).toBeLessThan(3900);
  }
  expect(faults.times(`/thanks/${before}`)).toBe(1);

  // The one whose first wait it came in waits for the second, gets it, and takes nothing after its end.
  await until(async () => (await storyOf(during)).includes('step_completed paid'));
  expect(faults.times(`/begin/${during}`)).toBe(1);
  expect((await me.call('POST', `/api/workflows/runs/${during}/events/paid`, {})).status).toBe(202);
  await ended([during]);
  expect((await me.call('POST', `/api/workflows/runs/${during}/events/paid`, {})).status).toBe(409);
  expect(faults.times(`/thanks/${during}`)).toBe(1);

  const fired = async () =>
    (await pool().query<{ id: string }>(`select id from run where schedule->>'id' = $1`, [`sched_${schedule.id.replaceAll('-', '')}`]))
      .rows;
  await until(async () => (await fired()).length > 0);
  const { rows } = await pool().query<{ times: number }>(
    'select count(distinct due_at)::int as times from schedule_fire where schedule_id = $1',
    [schedule.id],
  );
  expect((await fired()).length).toBeLessThanOrEqual(rows[0]?.times ?? 0);
  await ended((await fired()).map((row) => `run_${row.id.replaceAll('-', '')}`));
  expect((await pool().query(`select from run where id = $1 and mail > 0`, [uuidOf(during)])).rowCount).toBe(1);
}, 60_000);
