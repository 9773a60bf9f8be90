import { beforeAll, expect, test } from 'vitest';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { type TestApi, testApi } from './test-api.ts';

interface Row {
  id: string;
  name: string;
  description: string;
  category: string;
  is_builtin: boolean;
  tags: string[];
  step_count: number;
}
interface List {
  templates: Row[];
  total: number;
}
const PATH = '/api/workflows/templates';
let api: TestApi;
let all: List;

beforeAll(async () => {
  await freshDatabase();
  api = await testApi();
  all = await api.get<List>(`${PATH}?limit=200`);
});

test('checklist #157: templates are listed by category and origin, page by page, with the total of all that match', async () => {
  expect(all.total).toBe(all.templates.length);
  expect(all.total).toBeGreaterThanOrEqual(2);
  for (const category of new Set(all.templates.map((row) => row.category))) {
    const matching = all.templates.filter((row) => row.category === category);
    expect(await api.get(`${PATH}?category=${category}`)).toMatchObject({ total: matching.length, templates: matching });
  }
  const builtIn = all.templates.filter((row) => row.is_builtin);
  expect((await api.get<List>(`${PATH}?is_builtin=true&limit=200`)).templates).toEqual(builtIn);
  expect((await api.get<List>(`${PATH}?is_builtin=false`)).total).toBe(all.total - builtIn.length);
  expect(await api.get(`${PATH}?limit=1&offset=1`)).toEqual({ total: all.total, templates: [all.templates[1]] });
  expect(await api.get(`${PATH}?offset=1000`)).toEqual({ total: all.total, templates: [] });
  expect(await api.get(`${PATH}?category=none`)).toEqual({ total: 0, templates: [] });
  for (const wrong of ['limit=201', 'limit=0', 'offset=-1', 'is_builtin=maybe']) {
    expect((await api.call('GET', `${PATH}?${wrong}`)).status).toBe(422);
  }
});

test('checklist #158: a row tells id, name, description, category, origin, tags and the number of steps', async () => {
  for (const row of all.templates) {
    expect(row.id).toMatch(/^tpl_/);
    for (const text of [row.name, row.description, row.category]) expect(text).not.toBe('');
    expect([row.is_builtin, Array.isArray(row.tags), row.step_count > 0]).toEqual([true, true, true]);
    const { definition } = await api.get<{ definition: { steps: Json[] } }>(`${PATH}/${row.id}`);
    expect(row.step_count).toBe(definition.steps.length);
  }
});

test('checklist #159: a template is given with its definition; an unknown one is not found', async () => {
  for (const { id, name } of all.templates) {
    expect(await api.get(`${PATH}/${id}`)).toMatchObject({ id, name, definition: { name: expect.any(String), steps: expect.any(Array) } });
  }
  for (const id of ['tpl_none', '__proto__', 'wf_0']) {
    expect(await api.call('GET', `${PATH}/${id}`)).toMatchObject({ status: 404, body: { error: 'not_found' } });
  }
});

test('checklist #160: installing makes version 1 of a new workflow, with a name where one is given, independent of the template', async () => {
  for (const { id } of all.templates) {
    const { definition } = await api.get<{ definition: JsonObject }>(`${PATH}/${id}`);
    const installed = await api.call<{ workflow_id: string }>('POST', `${PATH}/${id}/install`);
    expect([installed.status, installed.body]).toEqual([201, { workflow_id: expect.stringMatching(/^wf_/) }]);
    const workflow = `/api/workflows/${installed.body.workflow_id}`;
    expect(await api.get(workflow)).toMatchObject({ version: 1, name: definition.name, definition });
    const named = await api.call<{ workflow_id: string }>('POST', `${PATH}/${id}/install`, { name: 'My copy' });
    expect(await api.get(`/api/workflows/${named.body.workflow_id}`)).toMatchObject({ version: 1, name: 'My copy' });
    expect(named.body.workflow_id).not.toBe(installed.body.workflow_id);

    expect((await api.call('PUT', workflow, { definition: { ...definition, name: 'Changed' } })).status).toBe(200);
    expect(await api.get(`${PATH}/${id}`)).toMatchObject({ definition });
    expect((await api.call('DELETE', workflow)).status).toBe(204);
    expect((await api.call('POST', `${PATH}/${id}/install`, {})).status).toBe(201);
    expect(await api.get(`/api/workflows/${named.body.workflow_id}`)).toMatchObject({ version: 1 });
  }
  expect((await api.call('POST', `${PATH}/tpl_none/install`)).status).toBe(404);
  expect((await api.call('POST', `${PATH}/${all.templates[0]?.id}/install`, { name: '' })).status).toBe(422);
});

test('checklist #161: there are several built-in templates, valid and without any need, in several categories', async () => {
  const builtIn = all.templates.filter((row) => row.is_builtin) as (Row & { needs: string[] })[];
  expect(builtIn.length).toBeGreaterThanOrEqual(7);
  expect(new Set(builtIn.map((row) => row.category)).size).toBeGreaterThanOrEqual(4);
  for (const { id, needs } of builtIn) {
    expect([id, needs]).toEqual([id, []]);
    const { definition } = await api.get<{ definition: JsonObject }>(`${PATH}/${id}`);
    const asked = await api.call<{ valid: boolean }>('POST', '/api/workflows/validate', { definition });
    expect([id, asked.body.valid]).toEqual([id, true]);
  }
});

test('checklist #162: a workflow is saved as a template, installed, and deleted; a built-in one is not deleted', async () => {
  const step = { id: 'a', type: 'transform', config: { expression: '{{ parameter.n + 1 }}' } };
  const made = await api.call<{ id: string }>('POST', '/api/workflows', { definition: { name: 'Source', steps: [step] } });
  expect(made.status).toBe(201);
  const workflow = `/api/workflows/${made.body.id}`;
  const parameters = { type: 'object', properties: { n: { type: 'integer', title: 'N', default: 3 } } };
  const body = { workflow_id: made.body.id, name: 'Mine', description: 'Of my own', category: 'House', tags: ['x'], parameters };
  const saved = await api.call<{ template_id: string }>('POST', PATH, body);
  expect([saved.status, saved.body]).toEqual([201, { template_id: expect.stringMatching(/^tpl_/) }]);
  const id = saved.body.template_id;
  const filled = { name: 'Source', steps: [{ ...step, config: { expression: '{{ 3 + 1 }}' } }] };
  const row = { id, name: 'Mine', description: 'Of my own', category: 'House', tags: ['x'], is_builtin: false, step_count: 1 };
  expect((await api.get<List>(`${PATH}?is_builtin=false`)).templates).toMatchObject([row]);
  expect(await api.get<List>(`${PATH}?category=House`)).toMatchObject({ total: 1, templates: [row] });
  expect((await api.get<List>(`${PATH}?limit=200`)).templates.at(-1)).toMatchObject(row);
  expect(await api.get(`${PATH}?limit=1&offset=${all.total}`)).toMatchObject({ total: all.total + 1, templates: [row] });
  expect((await api.get<List>(`${PATH}?is_builtin=true&limit=200`)).total).toBe(all.total);
  expect(await api.get(`${PATH}/${id}`)).toMatchObject({ ...row, parameters, definition: filled });

  // A later version, or none at all, leaves the template as it is.
  expect((await api.call('DELETE', workflow)).status).toBe(204);
  const installed = await api.call<{ workflow_id: string }>('POST', `${PATH}/${id}/install`, { parameters: { n: 40 } });
  const { definition } = await api.get<{ definition: { steps: JsonObject[] } }>(`/api/workflows/${installed.body.workflow_id}`);
  expect(definition.steps[0]?.config).toEqual({ expression: '{{ 40 + 1 }}' });
  expect((await api.call('POST', `${PATH}/${id}/install`, { parameters: { n: 'many' } })).status).toBe(422);

  const again = { ...body, workflow_id: installed.body.workflow_id };
  expect(await api.call('POST', PATH, again)).toMatchObject({ status: 409, body: { error: 'conflict' } });
  for (const wrong of [
    { name: 'B', parameters: { properties: { n: { type: 'integer' } } } },
    { name: 'B', parameters: { properties: { n: { type: 'integer', default: 'many' } } } },
    { name: '' },
  ]) {
    expect((await api.call('POST', PATH, { ...again, ...wrong })).status).toBe(422);
  }
  expect((await api.call('POST', PATH, { ...again, name: 'B', version: 9 })).status).toBe(404);
  expect((await api.call('POST', PATH, body)).status).toBe(404);

  const builtIn = all.templates[0]?.id ?? '';
  const refused = await api.call<{ message: string }>('DELETE', `${PATH}/${builtIn}`);
  expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining("can't be deleted")]);
  expect((await api.call('DELETE', `${PATH}/${id}`)).status).toBe(204);
  expect((await api.call('DELETE', `${PATH}/${id}`)).status).toBe(404);
  expect((await api.call('GET', `${PATH}/${id}`)).status).toBe(404);
  expect((await api.get<List>(`${PATH}?is_builtin=false`)).total).toBe(0);
});
