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
  const filled = path.replace('{run_id}', runId).replace('{version}', '1');
  return path.startsWith('/api/workflows/{id}') ? filled.replace('{id}', workflowId) : filled.replace('{id}', 'tpl_health_check');
}

const GOOD_BODIES: Record<string, unknown> = {
  updateWorkflow: { definition: exampleDefinition() },
  setWorkflowStatus: { status: 'active' },
  saveDraft: { definition: exampleDefinition(), revision: 1 },
  rollbackWorkflow: { version: 1 },
  startRun: {},
  cancelRun: {},
};

beforeAll(async () => {
  process.env.WEFTLINE_SECRET = 'test-secret-0123456789-0123456789-abcdef';
  await freshDatabase();
  own = await testAccess();
  const entries = await Promise.all(PERMISSIONS.map(async (permission) => [permission, await keyOf(own, [permission])] as const));
  const other = await keyOf(await testAccess('Eve'), [...PERMISSIONS]);
  keys = { ...(Object.fromEntries(entries) as Record<Permission, string>), all: await keyOf(own, [...PERMISSIONS]), other };
  const made = await call('POST', '/api/workflows', keys.all, { definition: exampleDefinition() });
  workflowId = made.body.id ?? '';
  runId = (await call('POST', `/api/workflows/${workflowId}/run`, keys.all, {})).body.run_id ?? '';
});

const guarded = operations
  .filter(({ contract }) => contract.permission !== null)
  .map(({ contract }) => [contract.operation, contract] as const);

describe.each(guarded)('%s', (operation, contract) => {
  it('is for nobody without a key, whatever the path', async () => {
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
    if (!/^\/api\/workflows\/(\{id\}|runs\/\{run_id\})/.test(contract.path)) return;
    const query = operation === 'diffVersions' ? '?v1=1&v2=1' : '';
    const answer = await call(contract.method, pathOf(contract.path) + query, keys.other, GOOD_BODIES[operation] ?? {});
    expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
  });
});

it('lets a key with every scope do what was refused to the others', async () => {
  expect((await call('GET', `/api/workflows/${workflowId}`, keys['workflows:read'])).status).toBe(200);
  expect((await call('GET', `/api/workflows/runs/${runId}`, keys['runs:read'])).status).toBe(200);
  expect((await call('GET', `/api/workflows/runs/${runId}/stream`, keys['runs:read'])).status).toBe(200);
  expect((await call('POST', `/api/workflows/runs/${runId}/cancel`, keys.all, {})).status).toBe(202);
  expect((await call('DELETE', `/api/workflows/${workflowId}`, keys.all)).status).toBe(204);
});
