import { beforeAll, expect, test } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createKey } from './create-key.ts';
import { createWorkflow } from './create-workflow.ts';
import { deleteWorkflow } from './delete-workflow.ts';
import { getRetention } from './get-retention.ts';
import { listAudit } from './list-audit.ts';
import { revokeKey } from './revoke-key.ts';
import { rollbackWorkflow } from './rollback-workflow.ts';
import { setRetention } from './set-retention.ts';
import { setWorkflowStatus } from './set-workflow-status.ts';
import { codeOf, exampleDefinition, testAccess } from './test-workspace.ts';
import { updateWorkflow } from './update-workflow.ts';

const none = { params: {}, query: {}, body: {} };
const page = { limit: 50, offset: 0 };
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

const entries = async (query: object = {}) => (await listAudit(access, { ...none, query: { ...page, ...query } })).entries;

test('checklist #128: what was done to workflows, versions and keys is there with who did it, newest first', async () => {
  const body = { definition: exampleDefinition() as never, trigger_type: 'manual' as const, tags: [], draft: false };
  const { id } = await createWorkflow(access, { ...none, body });
  const program: Access = { ...access, actor: { kind: 'key', id: 'key_x', name: 'CI' } };
  const definition = exampleDefinition('https://other.example.com') as never;
  await updateWorkflow(program, { ...none, params: { id }, body: { definition } });
  await updateWorkflow(program, { ...none, params: { id }, body: { definition } });
  await rollbackWorkflow(access, { ...none, params: { id }, body: { version: 1 } });
  await setWorkflowStatus(access, { ...none, params: { id }, body: { status: 'active' } });
  await setWorkflowStatus(access, { ...none, params: { id }, body: { status: 'active' } });
  await setRetention(access, { ...none, params: { id }, body: { success: '7 days', error: null } });
  expect(await getRetention(access, { ...none, params: { id } })).toEqual({ retention: { success: 604_800, error: null } });
  const { row } = await createKey(access, { ...none, body: { name: 'CI', scopes: ['runs:read'], expires_at: null } });
  await revokeKey(access, { ...none, params: { id: row.id } });
  expect(await codeOf(revokeKey(access, { ...none, params: { id: row.id } }))).toBe('not_found');
  await deleteWorkflow(access, { ...none, params: { id } });
  const all = await entries();
  expect(all.map((entry) => [entry.action, entry.actor.name])).toEqual([
    ['workflow.deleted', 'Ada'],
    ['key.revoked', 'Ada'],
    ['key.created', 'Ada'],
    ['workflow.retention_changed', 'Ada'],
    ['workflow.status_changed', 'Ada'],
    ['workflow.rolled_back', 'Ada'],
    ['workflow.version_saved', 'CI'],
    ['workflow.created', 'Ada'],
  ]);
  expect(all[6]).toMatchObject({ actor: { kind: 'key', id: 'key_x' }, target: { kind: 'workflow', id }, data: { version: 2 } });
  expect((await entries({ target_id: row.id })).map((entry) => entry.action)).toEqual(['key.revoked', 'key.created']);
  expect((await entries({ actor_id: 'key_x' })).map((entry) => entry.action)).toEqual(['workflow.version_saved']);
  expect(await entries({ since: '2999-01-01T00:00:00Z' })).toEqual([]);
  expect(await codeOf(listAudit(access, { ...none, query: { ...page, action: '\u0000' } }))).toBe('validation_error');
});

test('pages by cursor, each entry once; another workspace sees nothing of it', async () => {
  const first = await listAudit(access, { ...none, query: { ...page, limit: 5 } });
  const second = await listAudit(access, { ...none, query: { ...page, limit: 5, cursor: first.next_cursor ?? '' } });
  expect(first.total).toBe(8);
  expect(new Set([...first.entries, ...second.entries].map((entry) => entry.id)).size).toBe(8);
  expect(second.next_cursor).toBeNull();
  expect((await listAudit(await testAccess('Eve'), { ...none, query: page })).entries).toEqual([]);
});
