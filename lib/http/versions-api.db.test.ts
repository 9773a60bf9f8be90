import jsonpatch from 'fast-json-patch';
import { applyPatch, type Operation } from 'rfc6902';
import { beforeAll, expect, test } from 'vitest';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { exampleDefinition } from '#lib/server/test-workspace.ts';
import { type TestApi, testApi } from './test-api.ts';

interface Versions {
  versions: { version: number; uuid: string; change_summary: string; created_at: string }[];
  total: number;
}
interface Diff {
  diff: Operation[];
  summary: string;
  v1: number;
  v2: number;
}
let api: TestApi;

beforeAll(async () => {
  await freshDatabase();
  api = await testApi();
});

/** A workflow whose versions are these definitions, in order. */
async function workflowOf(...definitions: unknown[]): Promise<string> {
  const id = await api.workflow(definitions[0]);
  for (const [at, definition] of definitions.slice(1).entries()) {
    const { body } = await api.call('PUT', `/api/workflows/${id}`, { definition });
    expect(body).toMatchObject({ version: at + 2 });
  }
  return id;
}

const versionOf = async (id: string, version: number) =>
  (await api.get<{ definition: JsonObject }>(`/api/workflows/${id}/versions/${version}`)).definition;
const diffOf = (id: string, v1: number, v2: number) => api.get<Diff>(`/api/workflows/${id}/diff?v1=${v1}&v2=${v2}`);

const first = exampleDefinition('https://one.example');
const second = exampleDefinition('https://two.example');
const third = exampleDefinition('https://three.example');

test('checklist #146: versions are listed newest first with number, summary and time; the first is the "Initial version"', async () => {
  const id = await api.workflow(first);
  await api.call('PUT', `/api/workflows/${id}`, { definition: second, change_summary: 'Move to two' });
  await api.call('PUT', `/api/workflows/${id}`, { definition: third });
  const { versions, total } = await api.get<Versions>(`/api/workflows/${id}/versions`);
  expect(versions.map((row) => [row.version, row.change_summary])).toEqual([
    [3, 'Modified 1 step'],
    [2, 'Move to two'],
    [1, 'Initial version'],
  ]);
  expect(total).toBe(3);
  for (const row of versions) expect(row.created_at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(await api.get(`/api/workflows/${id}/versions?limit=1&offset=1`)).toMatchObject({ total: 3, versions: [{ version: 2 }] });
});

test('checklist #147: a version gives its whole definition, which nothing changes afterwards; 404 for an unknown one', async () => {
  const id = await workflowOf(first, second);
  expect(await versionOf(id, 1)).toEqual(first);
  await api.call('PUT', `/api/workflows/${id}`, { definition: third });
  await api.call('POST', `/api/workflows/${id}/rollback`, { version: 2 });
  await api.call('PUT', `/api/workflows/${id}/draft`, { definition: exampleDefinition('https://draft.example'), revision: 4 });
  expect([await versionOf(id, 1), await versionOf(id, 2)]).toEqual([first, second]);
  for (const wrong of ['5', '99', '2147483647']) {
    expect((await api.call('GET', `/api/workflows/${id}/versions/${wrong}`)).status).toBe(404);
  }
  for (const wrong of ['0', 'x', '1.5']) expect((await api.call('GET', `/api/workflows/${id}/versions/${wrong}`)).status).toBe(422);
});

test('checklist #149: the diff answers the patch, a summary and both numbers', async () => {
  const id = await workflowOf(first, second);
  expect(await diffOf(id, 1, 2)).toEqual({
    diff: [{ op: 'replace', path: '/steps/0/config/url', value: 'https://two.example' }],
    summary: 'Modified 1 step',
    v1: 1,
    v2: 2,
  });
  expect((await api.call('GET', `/api/workflows/${id}/diff?v1=1&v2=9`)).status).toBe(404);
  expect((await api.call('GET', `/api/workflows/${id}/diff?v1=1`)).status).toBe(422);
});

const step = (id: string, more: JsonObject = {}): JsonObject => ({ id, type: 'transform', config: { expression: '1' }, ...more });
const fields = (value: Json): JsonObject => ({ name: 'Odd keys', steps: [step('a', { config: { fields: value } })] });

const PAIRS: [string, JsonObject, JsonObject][] = [
  ['keys with slash and tilde', fields({ 'a/b': 1, 'm~n': 2, '~1': 3 }), fields({ 'a/b': { '~0': [] }, 'm~n': 3, '~1': null })],
  ['the empty key', fields({ '': { '': 1 }, b: 0 }), fields({ '': { '': { '': 2 } }, b: 0 })],
  ['null against absent', fields({ a: null, b: 1 }), fields({ b: 1, c: null })],
  ['keys that look like indices', fields({ 0: 'x', '-': 1 }), fields({ 0: 'y', 1: 'z' })],
  ['a list in another order', fields({ list: [1, 2, 3, 4] }), fields({ list: [4, 1, 3, 3] })],
  [
    'steps added, removed, moved and changed',
    { name: 'A', steps: [step('a'), step('b', { depends_on: ['a'] }), step('c', { depends_on: ['b'] })] },
    { name: 'B', steps: [step('c'), step('d', { depends_on: ['c'] }), step('a', { name: 'A', timeout: '5m' })], output: 'a' },
  ],
];

test.each(PAIRS)(
  'checklist #148, #150: the patch turns one version into the other in both directions, with any library: %s',
  async (_, before, after) => {
    const id = await workflowOf(before, after);
    const stored = [await versionOf(id, 1), await versionOf(id, 2)] as const;
    expect(stored).toEqual([before, after]);
    for (const [from, to] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const { diff } = await diffOf(id, from, to);
      const [source, target] = [stored[from - 1], stored[to - 1]];
      const changed = structuredClone(source);
      expect(applyPatch(changed, structuredClone(diff)).every((fault) => fault === null)).toBe(true);
      expect(changed).toEqual(target);
      expect(jsonpatch.applyPatch(structuredClone(source), structuredClone(diff) as never, true).newDocument).toEqual(target);
    }
  },
);

test('checklist #151: a diff is as small as the change', async () => {
  const [fetch, notify] = first.steps as JsonObject[];
  const last = step('last', { depends_on: ['notify'] });
  const more = { ...first, steps: [fetch, notify, last] };
  const id = await workflowOf(first, second, more);
  expect((await diffOf(id, 1, 2)).diff).toEqual([{ op: 'replace', path: '/steps/0/config/url', value: 'https://two.example' }]);
  expect((await diffOf(id, 1, 3)).diff).toEqual([{ op: 'add', path: '/steps/2', value: last }]);
  expect((await diffOf(id, 3, 1)).diff).toEqual([{ op: 'remove', path: '/steps/2' }]);
});

test('checklist #152: the summary counts by step; of a version with itself the diff is empty', async () => {
  const [fetch, notify] = second.steps as JsonObject[];
  const id = await workflowOf(first, { ...second, steps: [fetch, notify, step('last', { depends_on: ['notify'] })] });
  expect((await diffOf(id, 1, 2)).summary).toBe('Added 1 step, modified 1 step');
  expect((await diffOf(id, 2, 1)).summary).toBe('Removed 1 step, modified 1 step');
  expect(await diffOf(id, 2, 2)).toMatchObject({ diff: [], summary: 'No changes' });
});

test('checklist #153: a rollback adds a version that equals the old one and leaves history as it is', async () => {
  const id = await workflowOf(first, second);
  const before = (await api.get<Versions>(`/api/workflows/${id}/versions`)).versions;
  const back = await api.call('POST', `/api/workflows/${id}/rollback`, { version: 1 });
  expect(back).toMatchObject({ status: 200, body: { id, version: 3, definition: first } });
  const after = (await api.get<Versions>(`/api/workflows/${id}/versions`)).versions;
  expect(after.slice(1)).toEqual(before);
  expect((await diffOf(id, 1, 3)).diff).toEqual([]);
  expect((await api.call('POST', `/api/workflows/${id}/rollback`, { version: 9 })).status).toBe(404);
  expect((await api.call('POST', `/api/workflows/${id}/rollback`, { version: 0 })).status).toBe(422);
});

test('checklist #154: every version has a uuid of its own, which stays', async () => {
  const id = await workflowOf(first, second, first);
  const uuids = (await api.get<Versions>(`/api/workflows/${id}/versions`)).versions.map((row) => row.uuid);
  expect(new Set(uuids).size).toBe(3);
  for (const uuid of uuids) expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  for (const version of [1, 2, 3]) {
    expect(await api.get(`/api/workflows/${id}/versions/${version}`)).toMatchObject({ uuid: uuids[3 - version] });
  }
});

test('checklist #155: a version is told as a tree, which stays that of the version', async () => {
  const looped = exampleDefinition('https://one.example', {
    steps: [
      { id: 'is', type: 'condition', config: { expression: 'input.go' } },
      {
        id: 'each',
        type: 'loop',
        depends_on: [{ step: 'is', branch: 'true' }],
        config: { items: [1], steps: [{ id: 'a', type: 'transform', config: { fields: {} } }] },
      },
    ],
  });
  const id = await workflowOf(looped, first);
  const { graph, version, uuid } = await api.get<{ graph: { nodes: unknown[] }; version: number; uuid: string }>(
    `/api/workflows/${id}/versions/1/graph`,
  );
  const { versions } = await api.get<Versions>(`/api/workflows/${id}/versions`);
  expect([version, uuid]).toEqual([1, versions[1]?.uuid]);
  expect(graph).toMatchObject({
    type: 'start',
    name: 'Fetch and notify',
    nodes: [
      {
        type: 'if',
        step: 'is',
        branches: [
          { condition: 'input.go', nodes: [{ type: 'loop', step: 'each', nodes: [{ type: 'step_do', step: 'a' }] }] },
          { condition: null, nodes: [] },
        ],
      },
    ],
  });
  const second = await api.get<{ graph: { nodes: unknown[] } }>(`/api/workflows/${id}/versions/2/graph`);
  expect(second.graph.nodes).toMatchObject([{ step: 'fetch' }, { step: 'notify' }]);
  expect((await api.call('GET', `/api/workflows/${id}/versions/9/graph`)).status).toBe(404);
});
