import { beforeAll, describe, expect, test } from 'vitest';
import { database } from '#lib/db/client.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { uuidOf } from '#lib/server/test-journal.ts';
import { exampleDefinition } from '#lib/server/test-workspace.ts';
import { type TestApi, testApi } from './test-api.ts';

interface List {
  workflows: { id: string; name: string; tags: string[] }[];
  total: number;
  next_cursor: string | null;
}
interface Refusal {
  error: string;
  message: string;
  details: { step?: string; path: string; code: string; message: string }[];
}
const named = (name: string) => exampleDefinition(undefined, { name });
let api: TestApi;

beforeAll(async () => {
  await freshDatabase();
  api = await testApi();
});

test('checklist #1: POST makes a workflow of a definition, trigger type and tags', async () => {
  const definition = exampleDefinition();
  const made = await api.call('POST', '/api/workflows', { definition, trigger_type: 'event', tags: ['ops', 'nightly'] });
  expect(made.status).toBe(201);
  expect(made.body.id).toMatch(/^wf_/);
  expect(made.body.workflow).toMatchObject({ id: made.body.id, version: 1, trigger_type: 'event', tags: ['ops', 'nightly'], definition });
  const plain = await api.call('POST', '/api/workflows', { definition });
  expect(plain.body.workflow).toMatchObject({ trigger_type: 'manual', tags: [] });
});

describe('the list', () => {
  let own: TestApi;
  const list = (query: string) => own.get<List>(`/api/workflows?${query}`);
  beforeAll(async () => {
    own = await testApi('Lister');
    for (const [at, name] of ['A', 'B', 'C', 'D', 'E'].entries()) {
      const id = await own.workflow(named(name), { tags: at % 2 ? ['odd', 'all'] : ['all'], trigger_type: at < 2 ? 'schedule' : 'manual' });
      if (at === 4) await own.call('PATCH', `/api/workflows/${id}/status`, { status: 'active' });
    }
  });

  test('checklist #2: filters by status, trigger type and tag; total counts all that match', async () => {
    expect(await list('limit=2')).toMatchObject({ total: 5, workflows: [{ name: 'E' }, { name: 'D' }] });
    expect(await list('limit=2&offset=4')).toMatchObject({ total: 5, workflows: [{ name: 'A' }] });
    expect(await list('offset=50')).toMatchObject({ total: 5, workflows: [] });
    expect(await list('status=active')).toMatchObject({ total: 1, workflows: [{ name: 'E' }] });
    expect(await list('trigger_type=schedule&limit=1')).toMatchObject({ total: 2, workflows: [{ name: 'B' }] });
    expect(await list('tag=odd&trigger_type=manual')).toMatchObject({ total: 1, workflows: [{ name: 'D' }] });
    expect(await list('tag=none')).toMatchObject({ total: 0, workflows: [] });
    expect(await list('limit=200')).toMatchObject({ total: 5 });
    for (const query of ['limit=201', 'limit=0', 'limit=x', 'offset=-1', 'status=gone', 'trigger_type=none']) {
      expect([query, (await own.call('GET', `/api/workflows?${query}`)).status]).toEqual([query, 422]);
    }
  });

  test('checklist #3: a row tells id, name, version, status, trigger type, tags and times', async () => {
    const { workflows } = await list('tag=odd&limit=1');
    expect(workflows[0]).toMatchObject({
      id: expect.stringMatching(/^wf_[0-9a-f]{32}$/),
      name: 'D',
      version: 1,
      status: 'draft',
      trigger_type: 'manual',
      tags: ['odd', 'all'],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(workflows[0]).not.toHaveProperty('definition');
  });

  test('checklist #2: a cursor gives every row once while rows are added and changed', async () => {
    const before = (await list('limit=200')).workflows.map((row) => row.id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: List = await list(`limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.workflows.map((row) => row.id));
      cursor = page.next_cursor;
      await own.workflow(named('New'));
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(before);
  });
});

test('checklist #4: GET gives the row with its whole definition, and 404 for what is not there', async () => {
  const definition = exampleDefinition('https://x.example', {
    description: 'Whole',
    input_schema: { type: 'object' },
    tags: undefined as never,
  });
  const id = await api.workflow(definition);
  expect(await api.get(`/api/workflows/${id}`)).toMatchObject({ id, version: 1, definition: JSON.parse(JSON.stringify(definition)) });
  const stranger = await testApi('Eve');
  expect(await stranger.call('GET', `/api/workflows/${id}`)).toMatchObject({ status: 404, body: { error: 'not_found' } });
  expect((await api.call('GET', '/api/workflows/wf_00000000000070008000000000000000')).status).toBe(404);
});

test('checklist #5: PUT of a valid definition makes the next version; a broken one is refused and makes none', async () => {
  const id = await api.workflow();
  const put = (definition: unknown, change_summary?: string) => api.call('PUT', `/api/workflows/${id}`, { definition, change_summary });
  expect(await put(exampleDefinition('https://b.example'), 'Point at b')).toMatchObject({ status: 200, body: { id, version: 2 } });
  const broken = await put(exampleDefinition('https://c.example', { steps: [{ id: 'a', type: 'nope' }] }));
  expect(broken).toMatchObject({ status: 422, body: { error: 'validation_error' } });
  expect(await api.get(`/api/workflows/${id}/versions`)).toMatchObject({
    total: 2,
    versions: [{ version: 2, change_summary: 'Point at b' }, { version: 1 }],
  });
  expect(await api.get(`/api/workflows/${id}`)).toMatchObject({ version: 2, definition: exampleDefinition('https://b.example') });
});

test('checklist #6: a deleted workflow is gone from list and get, with its schedules and runs; what ran is cancelled', async () => {
  const id = await api.workflow(named('To be deleted'));
  const runs = [await api.run(id), await api.run(id)];
  const schedule = { cron_expression: '0 9 * * *' };
  const scheduled = await api.call('POST', `/api/workflows/${id}/schedules`, schedule);
  expect(scheduled.status).toBe(201);
  expect((await api.call('DELETE', `/api/workflows/${id}`)).status).toBe(204);
  for (const path of [`/api/workflows/${id}`, `/api/workflows/${id}/versions`, ...runs.map((run) => `/api/workflows/runs/${run}`)]) {
    expect([path, (await api.call('GET', path)).status]).toEqual([path, 404]);
  }
  expect((await api.get<List>('/api/workflows?search=To be deleted')).total).toBe(0);
  expect((await api.call('DELETE', `/api/workflows/schedules/${scheduled.body.schedule_id}`)).status).toBe(404);
  expect(await database().runEvent.count({ where: { runId: { in: runs.map(uuidOf) } } })).toBe(0);
});

test('checklist #7: a status is one of four; an archived workflow cannot be run, a paused one by hand can', async () => {
  const id = await api.workflow();
  const set = (status: unknown) => api.call('PATCH', `/api/workflows/${id}/status`, { status });
  for (const status of ['active', 'paused', 'draft', 'archived']) {
    expect(await set(status)).toMatchObject({ status: 200, body: { status } });
  }
  for (const status of ['running', '', null, 5]) expect((await set(status)).status).toBe(422);
  expect(await api.get(`/api/workflows/${id}`)).toMatchObject({ status: 'archived' });
  const refused = await api.call('POST', `/api/workflows/${id}/run`, {});
  expect(refused).toMatchObject({ status: 409, body: { error: 'conflict' } });
  await set('paused');
  expect((await api.call('POST', `/api/workflows/${id}/run`, {})).status).toBe(202);
});

test('checklist #8: validating answers 200 with every fault at once and stores nothing', async () => {
  const counts = () => Promise.all([database().workflow.count(), database().definition.count(), database().version.count()]);
  const before = await counts();
  const validate = (definition: unknown) =>
    api.call<{ valid: boolean; errors: Refusal['details'] }>('POST', '/api/workflows/validate', { definition });
  expect(await validate(exampleDefinition())).toMatchObject({ status: 200, body: { valid: true, errors: [] } });
  const { status, body } = await validate({
    name: '',
    steps: [
      { id: 'step_a', type: 'transform', config: { expression: '1' }, depends_on: ['step_b'] },
      { id: 'step_b', type: 'teleport', depends_on: ['step_a'] },
      { id: 'notify', type: 'webhook', config: { url: 'https://x.example' }, depends_on: ['fetch'] },
      { id: 'notify', type: 'transform', timeout: 0, typo: 1, config: { expression: '((' } },
    ],
    output: 'nowhere',
  });
  expect([status, body.valid]).toEqual([200, false]);
  expect(body.errors.map((fault) => fault.code)).toEqual(
    expect.arrayContaining([
      'cycle',
      'unknown_type',
      'unknown_dependency',
      'duplicate_id',
      'timeout_zero',
      'unknown_key',
      'unknown_output',
    ]),
  );
  expect(body.errors.every((fault) => fault.message !== '' && fault.path.startsWith('/'))).toBe(true);
  for (const odd of [null, 7, [], 'text', {}]) expect(await validate(odd)).toMatchObject({ status: 200, body: { valid: false } });
  expect(await counts()).toEqual(before);
});

test('checklist #44: tags are free text and the trigger type is one of its kinds; both are kept and can be changed', async () => {
  const id = await api.workflow(exampleDefinition(), { tags: ['Straße 7', 'a/b', '🚚'], trigger_type: 'webhook' });
  expect(await api.get(`/api/workflows/${id}`)).toMatchObject({ tags: ['Straße 7', 'a/b', '🚚'], trigger_type: 'webhook' });
  expect((await api.get<List>(`/api/workflows?tag=${encodeURIComponent('🚚')}`)).total).toBe(1);
  expect(await api.call('PUT', `/api/workflows/${id}`, { definition: exampleDefinition(), tags: ['new'] })).toMatchObject({
    status: 200,
    body: { tags: ['new'], version: 1 },
  });
  for (const trigger_type of ['manual', 'schedule', 'event', 'webhook']) {
    expect((await api.call('POST', '/api/workflows', { definition: exampleDefinition(), trigger_type })).status).toBe(201);
  }
  expect((await api.call('POST', '/api/workflows', { definition: exampleDefinition(), trigger_type: 'moon' })).status).toBe(422);
});
