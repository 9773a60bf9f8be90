import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import type { TestResult } from '#lib/contracts/trial.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { api as app } from '#lib/http/api.ts';
import { type TestApi, testApi } from '#lib/http/test-api.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, eventsOf, rowOf, startWorker, storyOf } from './test-runs.ts';

let api: TestApi;
let worker: RunWorker;

beforeAll(async () => {
  await freshDatabase();
  api = await testApi();
  worker = await startWorker(() => done());
  atEnd(async () => {
    await worker.stop(300);
    await stopListening();
    await disconnect();
  });
});

const transform = (id: string, expression: string, after: readonly string[] = []) => ({
  ...{ id, type: 'transform', config: { expression } },
  ...(after.length === 0 ? {} : { depends_on: after }),
});
const CHAIN = [
  transform('first', '"real"'),
  transform('second', 'steps.first.output & "!"', ['first']),
  transform('third', 'steps.second.output & "?"', ['second']),
];

async function workflow(steps: readonly object[] = CHAIN, more: object = {}): Promise<string> {
  const id = await api.workflow({ name: 'Trial', steps, ...more });
  await api.call('PATCH', `/api/workflows/${id}/status`, { status: 'active' });
  return id;
}

async function changeDraft(id: string, steps: readonly object[]): Promise<void> {
  const { revision } = await api.get<{ revision: number }>(`/api/workflows/${id}/draft`);
  const { status } = await api.call('PUT', `/api/workflows/${id}/draft`, { definition: { name: 'Trial', steps }, revision });
  expect(status).toBe(200);
}

interface Started {
  readonly run_id: string;
  readonly runs: string[];
  readonly pinned: string[];
  readonly reused: string[];
}

async function test(id: string, body: object = {}): Promise<Started> {
  const { status, body: started } = await api.call<Started>('POST', `/api/workflows/${id}/test`, body);
  expect([status, started]).toEqual([202, expect.anything()]);
  await ended([started.run_id]);
  return started;
}

const pin = (id: string, step: string, output: Json) => api.call('PUT', `/api/workflows/${id}/test/pins/${step}`, { output });

async function resultsOf(id: string): Promise<Record<string, TestResult>> {
  const { results } = await api.get<{ results: TestResult[] }>(`/api/workflows/${id}/test`);
  return Object.fromEntries(results.map((result) => [result.step_id, result]));
}

describe('pinned outputs', () => {
  it('are given in tests, and reach no real run: by REST, in a batch, by a schedule, a hook, a parent or a fork', async () => {
    const id = await workflow();
    const parent = await workflow([{ id: 'call', type: 'workflow', config: { workflow_id: id, input: {} } }]);
    expect((await pin(id, 'first', 'pinned')).status).toBe(200);
    expect((await rowOf((await test(id)).run_id)).output).toEqual({ third: 'pinned!?' });

    const runs = [await api.run(id)];
    const batch = await api.call<{ runs: { run_id: string }[] }>('POST', `/api/workflows/${id}/runs/batch`, { runs: [{}] });
    runs.push(...batch.body.runs.map((run) => run.run_id));
    const made = await api.call<{ schedule_id: string }>('POST', `/api/workflows/${id}/schedules`, { cron_expression: '0 0 1 1 *' });
    const fired = await api.call<{ run_id: string }>('POST', `/api/workflows/schedules/${made.body.schedule_id}/run`);
    runs.push(fired.body.run_id);
    const hook = await api.call<{ path: string }>('POST', `/api/workflows/${id}/hooks`, { name: 'Orders', signature: 'none' });
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    const called = await app().request(`http://127.0.0.1:3000${hook.body.path}`, request);
    runs.push(((await called.json()) as { run_id: string }).run_id);
    await ended(runs);
    const forked = await api.call<{ run_id: string }>('POST', `/api/workflows/runs/${runs[0]}/fork`, { from_step: 'first' });
    runs.push(forked.body.run_id);
    await ended(runs);
    expect(await Promise.all(runs.map(async (run) => (await rowOf(run)).output))).toEqual(runs.map(() => ({ third: 'real!?' })));

    // Neither does a test of another workflow see them, and what it starts is a test too.
    const test1 = await test(parent);
    const parents = [test1.run_id, await api.run(parent)];
    await ended(parents);
    expect((await rowOf(parents[0] ?? '')).output).toEqual({ call: { third: 'real!?' } });
    expect((await rowOf(parents[1] ?? '')).output).toEqual({ call: { third: 'real!?' } });
    const children = await api.get<{ runs: { trigger: string }[] }>(`/api/workflows/runs?workflow_id=${id}&limit=2`);
    expect(children.runs.map((run) => run.trigger).sort()).toEqual(['sub-workflow', 'test']);
    const documents = await pool().query(`select 1 from definition where document::text like '%pinned%'`);
    expect(documents.rowCount).toBe(0);
  }, 30_000);

  it('get into no other run through the test that was given them: it is not forked, run again, or continued', async () => {
    const id = await workflow();
    await pin(id, 'first', 'pinned');
    const { run_id } = await test(id);
    for (const [path, body] of [
      ['fork', { version: 1 }],
      ['fork', { version: 1, from_step: 'third' }],
      ['restart', {}],
    ] as const) {
      expect((await api.call('POST', `/api/workflows/runs/${run_id}/${path}`, body)).status).toBe(409);
    }
    expect((await api.call('POST', `/api/workflows/${id}/run`, { continue_from: run_id })).status).toBe(409);
  });

  it('can be taken away, are of steps of the draft alone, and null is an output like any other', async () => {
    const id = await workflow();
    expect((await pin(id, 'nobody', 1)).status).toBe(404);
    await pin(id, 'first', null);
    expect((await test(id)).pinned).toEqual(['first']);
    expect((await api.call('DELETE', `/api/workflows/${id}/test/pins/first`)).status).toBe(204);
    expect((await api.call('DELETE', `/api/workflows/${id}/test/pins/first`)).status).toBe(404);
    expect((await test(id)).pinned).toEqual([]);
  });
});

describe('a test run', () => {
  it('is marked, listed as a test, journaled, and no tick of its workflow', async () => {
    const id = await workflow();
    const { run_id } = await test(id, { to_step: 'second' });
    const { runs } = await api.get<{ runs: { id: string; trigger: string; version: null }[] }>(`/api/workflows/${id}/runs?trigger=test`);
    expect(runs).toMatchObject([{ id: run_id, trigger: 'test', version: null }]);
    expect((await eventsOf(run_id))[1]).toMatchObject({ type: 'run_trial', target: 'second', pinned: [], reused: [] });
    expect(await storyOf(run_id)).toContain('step_skipped third');
    expect((await rowOf(run_id)).output).toBe('real!');
    const real = await api.run(id);
    const { recent_runs } = await api.get<{ recent_runs: { id: string }[] }>(`/api/workflows/${id}`);
    expect(recent_runs.map((run) => run.id)).toEqual([real]);
    const plain = await api.run(id, { draft: true });
    expect((await api.get<{ run: { trigger: string } }>(`/api/workflows/runs/${plain}`)).run.trigger).toBe('test');
  });

  it('up to a step takes over what still holds, and runs what was changed and all after it', async () => {
    const id = await workflow();
    expect(await test(id, { to_step: 'second' })).toMatchObject({ runs: ['first', 'second'], reused: [] });
    expect(await test(id, { to_step: 'third' })).toMatchObject({ runs: ['third'], reused: ['second'] });
    expect(await test(id, { to_step: 'third', reuse: false })).toMatchObject({ runs: ['first', 'second', 'third'] });
    expect(await test(id, { to_step: 'third', input_data: { other: 1 } })).toMatchObject({ runs: ['first', 'second', 'third'] });
    await changeDraft(id, [transform('first', '"new"'), ...CHAIN.slice(1)]);
    expect(await test(id, { to_step: 'third', input_data: { other: 1 } })).toMatchObject({ runs: ['first', 'second', 'third'] });
    expect((await resultsOf(id)).third).toMatchObject({ status: 'completed', output: 'new!?', pinned: false, items: null });
  });

  it('of one step runs it alone with the last input, or says what has no result', async () => {
    const id = await workflow();
    const refused = await api.call('POST', `/api/workflows/${id}/test`, { to_step: 'third', only: true });
    expect([refused.status, refused.body.message]).toEqual([
      409,
      "'second' has no result yet, and 'third' needs it. Run to 'third', or pin an output.",
    ]);
    await pin(id, 'second', [1, 2, 3]);
    expect(await test(id, { to_step: 'third', only: true })).toMatchObject({ runs: ['third'], pinned: ['second'] });
    const results = await resultsOf(id);
    expect(results.second).toMatchObject({ pinned: true, items: 3, output: [1, 2, 3] });
    expect(results.first).toBeUndefined();
  });

  it('names the problem that stops it, and is not stopped by one elsewhere', async () => {
    const id = await workflow();
    await changeDraft(id, [...CHAIN, { id: 'broken', type: 'http_request', config: {}, depends_on: ['third'] }]);
    const refused = await api.call<{ message: string; details: { step: string }[] }>('POST', `/api/workflows/${id}/test`, {});
    expect(refused.status).toBe(422);
    expect(refused.body.message).toMatch(/^The test can't start\. Step 'broken': /);
    expect(refused.body.details[0]?.step).toBe('broken');
    const { run_id } = await test(id, { to_step: 'third' });
    expect((await rowOf(run_id)).output).toBe('real!?');
  });

  it('stands under no limit of its workflow', async () => {
    const id = await workflow(CHAIN, { concurrency: { limit: 1, on_limit: 'cancel_running' } });
    const { run_id } = await test(id);
    const { rows } = await pool().query('select concurrency_key from run where id = $1', [run_id.slice(4)]);
    expect(rows).toEqual([{ concurrency_key: null }]);
  });
});
