import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticate } from '#lib/auth/authenticate.ts';
import { createFirstOwner } from '#lib/auth/first-owner.ts';
import { handleAuth } from '#lib/auth/handle-auth.ts';
import { accessOfKey } from '#lib/auth/key-access.ts';
import { readEnv } from '#lib/base/env.ts';
import { AppError } from '#lib/base/errors.ts';
import { database } from '#lib/db/client.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createKey } from './create-key.ts';
import { getHealth } from './get-health.ts';
import { getSession } from './get-session.ts';
import { listKeys } from './list-keys.ts';
import { revokeKey } from './revoke-key.ts';
import { setUp } from './set-up.ts';

const ORIGIN = 'http://127.0.0.1:3000';
const person = { name: 'Ada', email: 'Ada@example.com', password: 'correct horse', workspace: 'Analytics' };
const none = { params: {}, query: {}, body: {} };

function visit(path: string, options: RequestInit = {}, clientAddress = '127.0.0.1') {
  const headers = new Headers({ host: '127.0.0.1:3000' });
  for (const [name, value] of new Headers(options.headers)) headers.set(name, value);
  return { request: new Request(ORIGIN + path, { ...options, headers }), clientAddress };
}

function cookiesOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

function signIn(password: string, clientAddress?: string) {
  const headers = { origin: ORIGIN, 'content-type': 'application/json' };
  const body = JSON.stringify({ email: person.email, password });
  return handleAuth(visit('/api/auth/sign-in/email', { method: 'POST', headers, body }, clientAddress));
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fulfilled',
    (thrown) => (thrown instanceof AppError ? thrown.code : thrown),
  );

const owner = () => setUp(visit('/api/setup', { method: 'POST' }), { ...none, body: person });

beforeAll(async () => {
  process.env.WEFTLINE_SECRET = 'test-secret-0123456789-0123456789-abcdef';
  process.env.WEFTLINE_ORIGIN = ORIGIN;
  process.env.WEFTLINE_SETUP_TOKEN = 'printed-token';
  await freshDatabase();
});

beforeEach(async () => {
  await database().$executeRaw`truncate "user", workspace, rate_limit cascade`;
});

describe('set-up', () => {
  it('makes the owner once and signs them in', async () => {
    const before = await getSession(visit('/api/session'));
    expect(before.answer).toMatchObject({ set_up: false, setup_token_needed: false, user: null, workspace: null, permissions: [] });
    const { answer, headers } = await owner();
    expect(answer.workspace_id).toMatch(/^ws_[0-9a-f]{32}$/);
    const session = await getSession(visit('/api/session', { headers: { cookie: cookiesOf(headers) } }));
    expect(session.answer).toMatchObject({
      set_up: true,
      user: { id: answer.user_id, name: 'Ada', email: 'ada@example.com' },
      workspace: { id: answer.workspace_id, name: 'Analytics', slug: 'default', role: 'owner' },
    });
    expect(session.answer.permissions).toContain('members:manage');
    expect(await codeOf(owner())).toBe('conflict');
  });

  it('makes one owner when two visitors race', async () => {
    const both = await Promise.all([codeOf(owner()), codeOf(owner()), codeOf(owner())]);
    expect(both.sort()).toEqual(['conflict', 'conflict', 'fulfilled']);
    expect(await database().user.count()).toBe(1);
    expect(await database().workspace.count()).toBe(1);
  });

  it('asks visitors from elsewhere for the printed token', async () => {
    const elsewhere = visit('/api/setup', { method: 'POST' }, '192.0.2.7');
    expect((await getSession(elsewhere)).answer.setup_token_needed).toBe(true);
    expect(await codeOf(setUp(elsewhere, { ...none, body: person }))).toBe('forbidden');
    expect(await codeOf(setUp(elsewhere, { ...none, body: { ...person, token: 'guessed-token' } }))).toBe('forbidden');
    expect(await codeOf(setUp(elsewhere, { ...none, body: { ...person, token: 'printed-token' } }))).toBe('fulfilled');
  });

  it('refuses a foreign page', async () => {
    const foreign = visit('/api/setup', { method: 'POST', headers: { origin: 'https://evil.example' } });
    expect(await codeOf(setUp(foreign, { ...none, body: person }))).toBe('forbidden');
  });
});

describe('sessions', () => {
  it('signs in, authenticates, and signs out at once', async () => {
    await owner();
    const cookie = cookiesOf((await signIn(person.password)).headers);
    const access = await authenticate(visit('/api/workflows', { headers: { cookie } }).request);
    expect(access).toMatchObject({ actor: { kind: 'user', name: 'Ada' }, role: 'owner' });
    const headers = { cookie, origin: ORIGIN, 'content-type': 'application/json' };
    await handleAuth(visit('/api/auth/sign-out', { method: 'POST', headers, body: '{}' }));
    expect(await authenticate(visit('/api/workflows', { headers: { cookie } }).request)).toBeNull();
  });

  it('refuses a wrong password, a foreign page and public sign-up', async () => {
    await owner();
    expect(await codeOf(signIn('wrong password'))).toBe('unauthorized');
    expect(await codeOf(signIn('x'.repeat(500)))).toBe('unauthorized');
    expect(await (await signIn(person.password)).text()).toBe('{"ok":true}');
    const body = JSON.stringify({ email: person.email, password: person.password });
    const headers = { origin: 'https://evil.example', 'content-type': 'application/json' };
    expect(await codeOf(handleAuth(visit('/api/auth/sign-in/email', { method: 'POST', headers, body })))).toBe('forbidden');
    for (const path of ['/api/auth/sign-up/email', '/api/auth/organization/create', '/api/auth/change-email']) {
      expect(await codeOf(handleAuth(visit(path, { method: 'POST', headers: { origin: ORIGIN }, body })))).toBe('not_found');
    }
  });

  it('slows down who guesses passwords, by address', async () => {
    await owner();
    const codes = await Promise.all(Array.from({ length: 14 }, () => codeOf(signIn('wrong password', '203.0.113.5'))));
    expect(codes.filter((code) => code === 'unauthorized')).toHaveLength(10);
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(4);
    expect(await codeOf(signIn(person.password, '203.0.113.6'))).toBe('fulfilled');
  });

  it('prolongs the session of somebody who is active, when a page asks', async () => {
    const { headers } = await owner();
    const cookie = cookiesOf(headers);
    await database().$executeRaw`update session set expires_at = now() + interval '10 days'`;
    const ask = async (more: Record<string, string>) =>
      (await getSession(visit('/api/session', { headers: { cookie, ...more } }))).headers.getSetCookie();
    expect(await ask({})).toEqual([]);
    expect((await ask({ 'sec-fetch-site': 'same-origin' })).join()).toContain('weftline.session_token');
    expect(await ask({ 'sec-fetch-site': 'same-origin' })).toEqual([]);
  });

  it('lets a cookie change things from our own pages only', async () => {
    const { headers } = await owner();
    const cookie = cookiesOf(headers);
    const change = (more: Record<string, string>) =>
      codeOf(authenticate(visit('/api/workflows', { method: 'POST', headers: { cookie, ...more } }).request));
    expect(await change({ origin: ORIGIN })).toBe('fulfilled');
    expect(await change({ 'sec-fetch-site': 'same-origin' })).toBe('fulfilled');
    expect(await change({ origin: 'https://evil.example' })).toBe('forbidden');
    expect(await change({ 'sec-fetch-site': 'cross-site', origin: ORIGIN })).toBe('forbidden');
    expect(await change({})).toBe('forbidden');
  });

  it('ignores a cookie with a broken signature, and falls back to the first workspace', async () => {
    const { headers, answer } = await owner();
    const cookie = cookiesOf(headers);
    expect(await authenticate(visit('/', { headers: { cookie: cookie.replace(/=./, '=X') } }).request)).toBeNull();
    await database().$executeRaw`update session set active_workspace_id = null`;
    const access = await authenticate(visit('/', { headers: { cookie } }).request);
    expect(access?.workspaceId).toBe(answer.workspace_id);
  });
});

describe('API keys', () => {
  async function ownerAccess() {
    const { headers } = await owner();
    const access = await authenticate(visit('/', { headers: { cookie: cookiesOf(headers) } }).request);
    if (access === null) throw new Error('not signed in');
    return access;
  }
  const bearer = (key: string) => visit('/', { headers: { authorization: `Bearer ${key}` } }).request;
  const wish = { name: 'CI', scopes: ['runs:read' as const], expires_at: null };

  it('shows a key once, keeps its hash, and works with its scopes', async () => {
    const access = await ownerAccess();
    const { key, row } = await createKey(access, { ...none, body: wish });
    expect(row).toMatchObject({ name: 'CI', prefix: key.slice(0, 9), scopes: ['runs:read'], created_by: 'Ada', last_used_at: null });
    const stored = JSON.stringify(await database().apiKey.findMany());
    expect(stored).not.toContain(key);
    const used = await authenticate(bearer(key));
    expect(used).toMatchObject({ actor: { kind: 'key', id: row.id }, workspaceId: access.workspaceId });
    expect([...(used?.permissions ?? [])]).toEqual(['runs:read']);
    await expect.poll(async () => (await listKeys(access, none)).keys[0]?.last_used_at).toBeTruthy();
    expect(await authenticate(bearer('wl_0123456789abcdefghij'))).toBeNull();
  });

  it('ends with a revoke, at once', async () => {
    const access = await ownerAccess();
    const { key, row } = await createKey(access, { ...none, body: wish });
    expect(await authenticate(bearer(key))).not.toBeNull();
    await revokeKey(access, { ...none, params: { id: row.id } });
    expect(await authenticate(bearer(key))).toBeNull();
    expect((await listKeys(access, none)).total).toBe(0);
    expect(await codeOf(revokeKey(access, { ...none, params: { id: row.id } }))).toBe('not_found');
    expect(await codeOf(revokeKey(access, { ...none, params: { id: 'key_nonsense' } }))).toBe('not_found');
  });

  it('ends with its expiry, also while it is cached, and a second after it was revoked elsewhere', async () => {
    const access = await ownerAccess();
    const soon = Date.now() + 60_000;
    const { key, row } = await createKey(access, { ...none, body: { ...wish, expires_at: new Date(soon).toISOString() } });
    expect(await accessOfKey(key, soon - 2)).not.toBeNull();
    expect(await accessOfKey(key, soon)).toBeNull();
    const other = await createKey(access, { ...none, body: wish });
    const now = Date.now();
    expect(await accessOfKey(other.key, now)).not.toBeNull();
    await database().apiKey.updateMany({ data: { revokedAt: new Date() } });
    expect(await accessOfKey(other.key, now + 999)).not.toBeNull();
    expect(await Promise.all([1, 2, 3].map(() => accessOfKey(other.key, now + 1000)))).toEqual([null, null, null]);
    expect(row.expires_at).toBe(new Date(soon).toISOString());
    const past = { ...wish, expires_at: new Date(Date.now() - 1).toISOString() };
    expect(await codeOf(createKey(access, { ...none, body: past }))).toBe('validation_error');
  });

  it('can do no more than its maker, and belongs to one workspace', async () => {
    const access = await ownerAccess();
    const { key, row } = await createKey(access, { ...none, body: { ...wish, scopes: ['keys:manage', 'runs:read'] } });
    const lesser = await authenticate(bearer(key));
    if (lesser === null) throw new Error('not signed in');
    expect(await codeOf(createKey(lesser, { ...none, body: { ...wish, scopes: ['workflows:write'] } }))).toBe('forbidden');
    const other = await database().workspace.create({ data: { name: 'Other', slug: 'other' } });
    const stranger = { ...access, workspaceId: `ws_${other.id.replaceAll('-', '')}` };
    expect((await listKeys(stranger, none)).total).toBe(0);
    expect(await codeOf(revokeKey(stranger, { ...none, params: { id: row.id } }))).toBe('not_found');
  });

  it('counts scheme and padding tricks as no key, even beside a good cookie', async () => {
    const { headers } = await owner();
    const cookie = cookiesOf(headers);
    expect(await authenticate(visit('/', { headers: { cookie, authorization: 'Bearer nonsense' } }).request)).toBeNull();
  });
});

describe('the first start by environment', () => {
  const key = 'wl_environment_key_0123456789';
  const env = (more: Record<string, string>) => readEnv({ ...more });

  it('makes owner, workspace and full-scope key once', async () => {
    const settings = env({ WEFTLINE_OWNER_EMAIL: 'ops@example.com', WEFTLINE_OWNER_PASSWORD: 'long enough', WEFTLINE_API_KEY: key });
    await Promise.all([createFirstOwner(settings), createFirstOwner(settings)]);
    await createFirstOwner(settings);
    expect(await database().user.count()).toBe(1);
    expect(await database().apiKey.count()).toBe(1);
    expect(await database().workspace.findMany({ select: { slug: true } })).toEqual([{ slug: 'default' }]);
    expect([...((await accessOfKey(key, Date.now() + 10_000))?.permissions ?? [])]).toContain('members:manage');
    expect(await codeOf(owner())).toBe('conflict');
  });

  it('makes a key alone, and leaves set-up to the first visitor', async () => {
    await createFirstOwner(env({ WEFTLINE_API_KEY: key }));
    const access = await accessOfKey(key, Date.now() + 20_000);
    expect((await getSession(visit('/api/session'))).answer.set_up).toBe(false);
    const { answer } = await owner();
    expect(answer.workspace_id).toBe(access?.workspaceId);
    await database().apiKey.updateMany({ data: { revokedAt: new Date() } });
    await createFirstOwner(env({ WEFTLINE_API_KEY: key }));
    expect(await accessOfKey(key, Date.now() + 30_000)).toBeNull();
  });

  it('says which variable is missing', async () => {
    await expect(createFirstOwner(env({ WEFTLINE_OWNER_EMAIL: 'ops@example.com' }))).rejects.toThrow('WEFTLINE_OWNER_PASSWORD');
    await expect(createFirstOwner(env({ WEFTLINE_OWNER_PASSWORD: 'long enough' }))).rejects.toThrow('WEFTLINE_OWNER_EMAIL');
  });
});

describe('health', () => {
  it('is degraded without a worker', async () => {
    expect(await getHealth()).toMatchObject({ status: 'degraded', database: 'ok', workers: 0 });
  });
});
