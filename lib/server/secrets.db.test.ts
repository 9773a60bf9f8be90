import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { permissionsOf } from '#lib/auth/roles.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { putSecret as contract } from '#lib/contracts/secrets.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { deleteSecret } from './delete-secret.ts';
import { listSecrets } from './list-secrets.ts';
import { putSecret } from './put-secret.ts';
import { readSecrets } from './read-secrets.ts';
import { UnsealError } from './seal.ts';
import { codeOf, testAccess } from './test-workspace.ts';

const none = { params: {}, query: {}, body: {} };
let own: Access;

beforeAll(async () => {
  process.env.WEFTLINE_ENCRYPTION_KEY = 'test-encryption-key-0123456789-0123456789';
  await freshDatabase();
  own = await testAccess();
  atEnd(disconnect);
});

const put = (name: string, value: string, description?: string, access = own) =>
  putSecret(access, { params: { name }, query: {}, body: { value, ...(description === undefined ? {} : { description }) } });

describe('secrets', () => {
  it('are written, listed without their values, replaced and deleted', async () => {
    const made = await put('TOKEN', 'tok_0123456789', 'Payments');
    expect(made).toMatchObject({ name: 'TOKEN', description: 'Payments', created_by: 'Ada' });
    await put('ANOTHER', 'something else');
    const replaced = await put('TOKEN', 'tok_9876543210');
    expect(replaced).toMatchObject({ description: 'Payments', created_at: made.created_at });
    const listed = await listSecrets(own, none);
    expect(listed.secrets.map((row) => row.name)).toEqual(['ANOTHER', 'TOKEN']);
    expect(JSON.stringify(listed)).not.toMatch(/tok_|something|sealed/);
    expect(await readSecrets(uuidFromId('ws', own.workspaceId) ?? '', ['TOKEN', 'NOPE'])).toEqual(new Map([['TOKEN', 'tok_9876543210']]));
    expect(await deleteSecret(own, { params: { name: 'ANOTHER' }, query: {}, body: {} })).toBeNull();
    expect(await codeOf(deleteSecret(own, { params: { name: 'ANOTHER' }, query: {}, body: {} }))).toBe('not_found');
  });

  it('belong to their workspace', async () => {
    const other = await testAccess('Eve');
    await put('TOKEN', 'tok_0123456789');
    expect((await listSecrets(other, none)).secrets).toEqual([]);
    expect(await codeOf(deleteSecret(other, { params: { name: 'TOKEN' }, query: {}, body: {} }))).toBe('not_found');
    await put('TOKEN', "the other one's", undefined, other);
    expect((await readSecrets(uuidFromId('ws', own.workspaceId) ?? '', ['TOKEN'])).get('TOKEN')).toBe('tok_0123456789');
  });

  it('stand in the database sealed, and do not open in the place of another', async () => {
    await put('TOKEN', 'tok_0123456789');
    await put('WEAK', 'weak_0123456789');
    const { rows } = await pool().query<{ text: string }>(
      `select string_agg(secret::text || encode(sealed, 'escape'), ' ') as text from secret`,
    );
    expect(rows[0]?.text).not.toMatch(/tok_|weak_/);
    const workspace = uuidFromId('ws', own.workspaceId) ?? '';
    await pool().query(
      `update secret set sealed = (select sealed from secret where name = 'TOKEN' and workspace_id = $1) where name = 'WEAK' and workspace_id = $1`,
      [workspace],
    );
    expect((await readSecrets(workspace, ['WEAK'])).get('WEAK')).toBeInstanceOf(UnsealError);
  });

  it('refuse a value that could not be hidden, and a name that an expression could not say', () => {
    const refusal = (value: string) => contract.body.safeParse({ value }).error?.issues[0]?.message;
    expect(refusal('short')).toMatch(/At least 8/);
    expect(refusal(' '.repeat(9))).toMatch(/blank/);
    expect(refusal('a\u0000bcdefgh')).toMatch(/NUL/);
    expect(refusal('long enough')).toBeUndefined();
    for (const name of ['1a', 'a-b', 'a b', '', 'ä']) expect([name, contract.params.safeParse({ name }).success]).toEqual([name, false]);
  });

  it('are set by owner and admin, seen by name by everybody, and read by nobody', () => {
    const may = (role: 'owner' | 'admin' | 'editor' | 'viewer') => permissionsOf(role).has('secrets:manage');
    expect([may('owner'), may('admin'), may('editor'), may('viewer')]).toEqual([true, true, false, false]);
    expect(permissionsOf('viewer').has('workflows:read')).toBe(true);
  });
});
