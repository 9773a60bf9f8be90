import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { PERMISSIONS, type Permission } from '#lib/contracts/contract.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { api } from '#lib/http/api.ts';
import { operations } from '#lib/http/operations.ts';
import { createKey } from '#lib/server/create-key.ts';
import { exampleDefinition, testAccess } from '#lib/server/test-workspace.ts';

const ORIGIN = 'http://127.0.0.1:3000';
let own: Access;
let keys: Record<'all' | 'other' | Permission, string>;
let workflowId: string;
let runId: string;
let scheduleId: string;

async function keyOf(access: Access, scopes: Permission[]): Promise<string> {
  return (await createKey(access, { params: {}, query: {}, body: { name: 'test', scopes, expires_at: null } })).key;
}

async function call(method: string, path: string, key?: string, body?: unknown): Promise<{ status: number; body: Record<string, never> }> {
  const headers: Record<string, string> = { host: '127.0.0.1:3000', 'content-type': 'application/json' };
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  const sends = method !== 'GET' && method !== 'DELETE' && body !== undefined;
  const response = await api().request(ORIGIN + path, { method, headers, ...(sends ? { body: JSON.stringify(body) } : {}) });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return { status: response.status, body: {} };
  }
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

/** A path with ids of the first workspace in it. */
function pathOf(path: string): string {
  const filled = path.replace('{run_id}', runId).replace('{version}', '1').replace('{schedule_id}', scheduleId);
  return path.startsWith('/api/workflows/{id}') ? filled.replace('{id}', workflowId) : filled.replace('{id}', 'tpl_health_check');
}

const GOOD_BODIES: Record<string, unknown> = {
  createHook: { name: 'Orders' },
  createTemplate: { workflow_id: 'wf_00000000000000000000000000000000', name: 'Mine' },
  updateWorkflow: { definition: exampleDefinition() },
  setWorkflowStatus: { status: 'active' },
  saveDraft: { definition: exampleDefinition(), revision: 1 },
  rollbackWorkflow: { version: 1 },
  startRun: {},
  startRuns: { runs: [{}] },
  cancelRun: {},
  startTest: {},
  putPin: { output: 1 },
  createSchedule: { cron_expression: '0 0 1 1 *' },
  backfillSchedule: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
};

beforeAll(async () => {
  process.env.WEFTLINE_SECRET = 'test-secret-0123456789-0123456789-abcdef';
  process.env.WEFTLINE_ENCRYPTION_KEY = 'test-encryption-key-0123456789-0123456789';
  await freshDatabase();
  own = await testAccess();
  const entries = await Promise.all(PERMISSIONS.map(async (permission) => [permission, await keyOf(own, [permission])] as const));
  const other = await keyOf(await testAccess('Eve'), [...PERMISSIONS]);
  keys = { ...(Object.fromEntries(entries) as Record<Permission, string>), all: await keyOf(own, [...PERMISSIONS]), other };
  const made = await call('POST', '/api/workflows', keys.all, { definition: exampleDefinition() });
  workflowId = made.body.id ?? '';
  runId = (await call('POST', `/api/workflows/${workflowId}/run`, keys.all, {})).body.run_id ?? '';
  scheduleId =
    (await call('POST', `/api/workflows/${workflowId}/schedules`, keys.all, { cron_expression: '0 0 1 1 *' })).body.schedule_id ?? '';
});

const guarded = operations
  .filter(({ contract }) => contract.permission !== null)
  .map(({ contract }) => [contract.operation, contract] as const);

describe.each(guarded)('%s', (operation, contract) => {
  it('checklist #110: is for nobody without a key, whatever the path', async () => {
    expect((await call(contract.method, pathOf(contract.path), undefined, {})).status).toBe(401);
    expect((await call(contract.method, pathOf(contract.path), 'wl_0123456789abcdefghij', {})).status).toBe(401);
  });

  it('needs its own permission and no other', async () => {
    for (const permission of PERMISSIONS) {
      if (permission === contract.permission) continue;
      const refused = await call(contract.method, pathOf(contract.path), keys[permission], {});
      expect([permission, refused.status]).toEqual([permission, 403]);
    }
  });

  it('finds nothing of another workspace', async () => {
    if (!/^\/api\/workflows\/(\{id\}|runs\/\{run_id\}|schedules\/\{schedule_id\})/.test(contract.path)) return;
    const query = operation === 'diffVersions' ? '?v1=1&v2=1' : '';
    const answer = await call(contract.method, pathOf(contract.path) + query, keys.other, GOOD_BODIES[operation] ?? {});
    expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
  });
});

const ODD = [
  '',
  'null',
  '-1',
  '1e999',
  '9999999999',
  '%00',
  '%ED%A0%80',
  '%E2%80%A8',
  "' or 1=1 --",
  '../..',
  '{}',
  'a'.repeat(3000),
  '__proto__',
];
const ODD_BODIES: unknown[] = [
  null,
  [],
  'text',
  1e308,
  { definition: null },
  { definition: { name: 'x', steps: [{ id: 'a', type: 'transform', config: { expression: '((((' } }] } },
  {
    definition: {
      name: 'x',
      steps: [{ id: 'a', type: 'http_request', config: { url: '{{ }}' }, depends_on: [{ step: 'a', branch: 'b' }] }],
    },
  },
  { definition: { name: 'x', input_schema: { $ref: '#' }, steps: [{ id: 'a', type: 'wait', config: { duration: -1 } }] } },
  { definition: exampleDefinition(), revision: 2_147_483_648, version: 2_147_483_648, base_version: 9_007_199_254_740_991 },
  { input_data: { a: '\u0000' }, version: 9_007_199_254_740_991 },
  { version: 2_147_483_648 },
  { input_data: [[[[[]]]]], version: 1, draft: true },
  { status: 'gone' },
  { cron_expression: '* * * *' },
  { cron_expression: '0 0 1 1 *', timezone: '\u0000' },
  { cron_expression: '0 0 1 1 *', name: 'a\u0000b', input_data: { '\u0000': '\ud800' } },
  { cron_expression: '* * * * *', from: '+275760-09-13T00:00:00Z' },
  { cron_expression: '* * * * *', from: '0000-01-01T00:00:00Z', count: 100 },
  { from: '0000-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' },
  { from: '0001-01-01T00:00:00Z', to: '0001-01-02T00:00:00Z' },
  { name: 'k', scopes: ['runs:read'], expires_at: '+275760-09-13T00:00:00Z' },
  { name: 'k', scopes: ['runs:read'], expires_at: '9999-12-31T23:59:59Z' },
];

describe.each(operations.map(({ contract }) => [contract.operation, contract] as const))('%s', (_operation, contract) => {
  it('answers nonsense with a refusal, never with a failure', async () => {
    const failures: unknown[] = [];
    const tryOut = async (path: string, body?: unknown) => {
      const answer = await call(contract.method, path, keys.all, body);
      if (answer.status >= 500 && contract.operation !== 'getHealth') failures.push([path.slice(0, 100), body, answer]);
    };
    for (const odd of ODD) {
      await tryOut(contract.path.replaceAll(/\{\w+\}/g, encodeURIComponent(odd)), {});
      await tryOut(contract.path.replaceAll(/\{\w+\}/g, odd), {});
      for (const name of [
        'limit',
        'offset',
        'cursor',
        'status',
        'search',
        'tag',
        'trigger',
        'version',
        'workflow_id',
        'v1',
        'v2',
        'after',
      ]) {
        if (contract.method === 'GET') await tryOut(`${pathOf(contract.path)}?v1=1&v2=1&${name}=${odd}`, {});
      }
    }
    if (contract.method !== 'DELETE') for (const body of ODD_BODIES) await tryOut(pathOf(contract.path), body);
    expect(failures).toEqual([]);
  });
});

it('lets a key with every scope do what was refused to the others', async () => {
  expect((await call('GET', `/api/workflows/${workflowId}`, keys['workflows:read'])).status).toBe(200);
  expect((await call('GET', `/api/workflows/runs/${runId}`, keys['runs:read'])).status).toBe(200);
  expect((await call('GET', `/api/workflows/runs/${runId}/stream`, keys['runs:read'])).status).toBe(200);
  const another = (await call('POST', `/api/workflows/${workflowId}/run`, keys['runs:write'], {})).body.run_id;
  expect((await call('POST', `/api/workflows/runs/${another}/cancel`, keys['runs:write'], {})).status).toBe(202);
  expect((await call('DELETE', `/api/workflows/${workflowId}`, keys.all)).status).toBe(204);
});
