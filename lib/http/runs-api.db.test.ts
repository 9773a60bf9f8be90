import { beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { database } from '#lib/db/client.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { RUN_STATUSES, type RunEvent } from '#lib/engine/events.ts';
import { failedEvents, journal, uuidOf } from '#lib/server/test-journal.ts';
import { exampleDefinition } from '#lib/server/test-workspace.ts';
import { type TestApi, testApi } from './test-api.ts';

interface Shown {
  run: Record<string, Json> & { step_runs: Record<string, Json>[] };
}
interface List {
  runs: { id: string; status: string; trigger: string }[];
  total: number;
  next_cursor: string | null;
}
const AT = Date.parse('2026-11-22T10:00:00.000Z');
let api: TestApi;

beforeAll(async () => {
  await freshDatabase();
  api = await testApi();
});

const shown = async (runId: string) => (await api.get<Shown>(`/api/workflows/runs/${runId}`)).run;

test('checklist #42, #156: a run names its version and keeps the definition it was started with', async () => {
  const id = await api.workflow(exampleDefinition('https://one.example'));
  const run = await api.run(id);
  await api.call('PUT', `/api/workflows/${id}`, { definition: exampleDefinition('https://two.example') });
  const later = await api.run(id);
  expect(await shown(run)).toMatchObject({ version: 1, definition: exampleDefinition('https://one.example') });
  expect(await shown(later)).toMatchObject({ version: 2, definition: exampleDefinition('https://two.example') });
  expect(await shown(await api.run(id, { version: 1 }))).toMatchObject({
    version: 1,
    definition: exampleDefinition('https://one.example'),
  });
  expect((await api.get<List>(`/api/workflows/${id}/runs?version=1`)).total).toBe(2);
});

test('checklist #76 #100: a start takes input and trigger, or no body at all, and answers 202 with a run id', async () => {
  const id = await api.workflow();
  const start = (body?: unknown) => api.call<{ run_id: string }>('POST', `/api/workflows/${id}/run`, body);
  for (const body of [undefined, '', {}, { input_data: { a: [1, null] } }, { input_data: 'text', trigger: 'event' }]) {
    const started = await start(body);
    expect([started.status, started.body]).toEqual([202, { run_id: expect.stringMatching(/^run_[0-9a-f]{32}$/) }]);
  }
  const { run_id } = (await start({ input_data: { a: [1, null] }, trigger: 'webhook' })).body;
  expect(await shown(run_id)).toMatchObject({ input: { a: [1, null] }, trigger: 'webhook', status: 'queued' });
  expect((await shown((await start()).body.run_id)).input).toEqual({});
  expect((await start({ input: 1 })).status).toBe(422);
  expect((await start('{"input_data":')).status).toBe(400);
  expect((await api.call('POST', '/api/workflows/wf_00000000000070008000000000000000/run')).status).toBe(404);
});

describe('the runs of a workflow', () => {
  let id: string;
  let made: string[];
  const list = (query = '') => api.get<List>(`/api/workflows/${id}/runs?${query}`);
  const ids = async (query = '') => (await list(query)).runs.map((run) => run.id);
  beforeAll(async () => {
    id = await api.workflow();
    made = [];
    for (let at = 0; at < RUN_STATUSES.length; at++) made.push(await api.run(id));
    for (const [at, status] of RUN_STATUSES.entries())
      await database().run.update({ where: { id: uuidOf(made[at] ?? '') }, data: { status } });
  });

  test('checklist #101: are listed newest first, with limit, offset and the total of all that match', async () => {
    expect(await ids()).toEqual([...made].reverse());
    expect(await ids('limit=2&offset=1')).toEqual([...made].reverse().slice(1, 3));
    expect(await list('limit=1')).toMatchObject({ total: made.length });
    expect(await list('offset=1000')).toMatchObject({ total: made.length, runs: [] });
    for (const query of ['limit=201', 'limit=0', 'offset=-1']) {
      expect((await api.call('GET', `/api/workflows/${id}/runs?${query}`)).status).toBe(422);
    }
    expect((await api.call('GET', '/api/workflows/wf_0/runs')).status).toBe(404);
  });

  test('checklist #105: are filtered by every native status, and an unknown one is refused', async () => {
    for (const [at, status] of RUN_STATUSES.entries()) {
      expect([status, await ids(`status=${status}`)]).toEqual([status, [made[at]]]);
      expect((await list(`status=${status}`)).total).toBe(1);
    }
    for (const path of [`/api/workflows/${id}/runs`, '/api/workflows/runs']) {
      for (const wrong of ['COMPLETED', 'errored', '', 'completed,failed']) {
        const refused = await api.call('GET', `${path}?status=${wrong}`);
        expect(refused).toMatchObject({ status: 422, body: { error: 'validation_error', details: [{ path: '/query/status' }] } });
      }
    }
  });

  test('checklist #101: a cursor gives every run once while others are started', async () => {
    const before = await ids('limit=200');
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: List = await list(`limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.runs.map((run) => run.id));
      cursor = page.next_cursor;
      await api.run(id);
    }
    expect(seen).toEqual(before);
  });
});

test('checklist #102: one run tells what it is, how it ended and its step results', async () => {
  const id = await api.workflow();
  const run = await api.run(id, { input_data: { n: 1 } });
  expect(await shown(run)).toMatchObject({ status: 'queued', started_at: null, completed_at: null, duration_seconds: null });
  await journal(run, failedEvents, { status: 'failed' });
  expect(await shown(run)).toMatchObject({
    id: run,
    workflow_id: id,
    status: 'failed',
    trigger: 'api',
    started_at: '2026-11-22T10:00:00.000Z',
    completed_at: '2026-11-22T10:00:01.000Z',
    duration_seconds: 1,
    step_runs: [{ step_id: 'fetch' }, { step_id: 'notify' }],
  });
  expect((await api.call('GET', '/api/workflows/runs/run_00000000000070008000000000000000')).status).toBe(404);
});

test('checklist #103, #14: step results come in definition order, with any JSON as output; steps not reached are pending or skipped', async () => {
  const plain = (id: string, depends_on: string[] = []) => ({ id, type: 'transform', config: { expression: '1' }, depends_on });
  const id = await api.workflow({
    name: 'Order',
    steps: [plain('last', ['bad', 'ok']), plain('bad'), plain('after_bad', ['bad']), plain('ok'), plain('open')],
  });
  const run = await api.run(id);
  const error = { code: 'X', message: 'It broke', step: 'bad' };
  const events: RunEvent[] = [
    { seq: 2, at: AT, type: 'run_started' },
    { seq: 3, at: AT + 500, type: 'step_completed', step: 'ok', attempt: 1, output: [null, { a: '' }, 1.5, false], started_at: AT + 250 },
    { seq: 4, at: AT + 600, type: 'step_failed', step: 'bad', attempt: 1, error, started_at: AT },
    { seq: 5, at: AT + 600, type: 'step_skipped', step: 'after_bad', reason: 'upstream' },
  ];
  await journal(run, events, { status: 'running' });
  const steps = (await shown(run)).step_runs;
  expect(steps.map((step) => [step.step_id, step.status])).toEqual([
    ['last', 'pending'],
    ['bad', 'failed'],
    ['after_bad', 'skipped'],
    ['ok', 'completed'],
    ['open', 'pending'],
  ]);
  const at = '2026-11-22T10:00:00.250Z';
  expect(steps[3]).toMatchObject({ output: [null, { a: '' }, 1.5, false], error: null, started_at: at, duration_seconds: 0.25 });
  expect(steps[1]).toMatchObject({ output: null, error: { code: 'X', message: 'It broke' }, duration_seconds: 0.6 });
  expect(steps[4]).toMatchObject({ name: 'open', output: null, error: null, started_at: null, duration_seconds: null });
});

test('checklist #106: who triggered a run is kept with it', async () => {
  const id = await api.workflow();
  expect((await shown(await api.run(id))).trigger).toBe('api');
  for (const trigger of ['manual', 'api', 'event', 'webhook']) expect((await shown(await api.run(id, { trigger }))).trigger).toBe(trigger);
  expect((await api.get<List>(`/api/workflows/${id}/runs?trigger=event`)).total).toBe(1);
  // What only the product itself can be: nobody else may say it.
  for (const trigger of ['schedule', 'cron', 'workflow', 'nobody']) {
    expect((await api.call('POST', `/api/workflows/${id}/run`, { trigger })).status).toBe(422);
  }
});

describe("the caller's own ids", () => {
  test('checklist #107: are unique per workflow while their run exists, and find it', async () => {
    const [id, other] = [await api.workflow(), await api.workflow()];
    const run = await api.run(id, { external_id: 'order-4711' });
    expect(await shown(run)).toMatchObject({ external_id: 'order-4711' });
    expect(await shown(await api.run(id))).toMatchObject({ external_id: null });
    const again = await api.call('POST', `/api/workflows/${id}/run`, { external_id: 'order-4711' });
    expect(again).toMatchObject({ status: 409, body: { error: 'conflict', data: { run_id: run } } });
    expect(await shown(await api.run(other, { external_id: 'order-4711' }))).toMatchObject({ workflow_id: other });
    expect(await api.get<List>(`/api/workflows/${id}/runs?external_id=order-4711`)).toMatchObject({ total: 1, runs: [{ id: run }] });
    await journal(run, failedEvents, { status: 'failed' });
    await api.call('DELETE', `/api/workflows/runs/${run}`);
    expect(await api.run(id, { external_id: 'order-4711' })).not.toBe(run);
    for (const external_id of ['', 'a b', 'ä', 'x'.repeat(201)]) {
      expect((await api.call('POST', `/api/workflows/${id}/run`, { external_id })).status).toBe(422);
    }
  });

  test('checklist #107: of many starts at once with one id, one makes the run', async () => {
    const id = await api.workflow();
    const starts = Array.from({ length: 20 }, () => api.call('POST', `/api/workflows/${id}/run`, { external_id: 'one' }));
    const statuses = (await Promise.all(starts)).map((answer) => answer.status).sort();
    expect(statuses).toEqual([202, ...Array(19).fill(409)]);
    expect((await api.get<List>(`/api/workflows/${id}/runs`)).total).toBe(1);
  });

  test('checklist #108: the same Idempotency-Key and workflow give the run that there is; with another workflow it is an error', async () => {
    const [id, other] = [await api.workflow(), await api.workflow()];
    const start = (workflow: string, body: object = { external_id: 'mine' }) =>
      api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, body, { 'idempotency-key': 'order-4711' });
    const first = await start(id);
    expect(first.status).toBe(202);
    expect(await start(id)).toMatchObject({ status: 202, body: first.body });
    expect(await start(other)).toMatchObject({ status: 409, body: { error: 'conflict' } });
    expect(await start(id, {})).toMatchObject({ status: 409 });
    expect((await api.get<List>(`/api/workflows/${id}/runs`)).total).toBe(1);
    expect((await api.get<List>(`/api/workflows/${other}/runs`)).total).toBe(0);
  });
});
