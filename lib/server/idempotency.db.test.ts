import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { database } from '#lib/db/client.ts';
import { sweepIdempotency } from '#lib/db/idempotency.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createWorkflow } from './create-workflow.ts';
import { withIdempotency } from './idempotency.ts';
import { startRun } from './start-run.ts';
import { codeOf, exampleDefinition, testAccess } from './test-workspace.ts';

let access: Access;
let calls = 0;
const count = async () => ({ call: ++calls });

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

describe('withIdempotency', () => {
  it('does something once for each key, operation and workspace', async () => {
    const first = await withIdempotency(access, 'a', 'startRun', 'body', count);
    expect(await withIdempotency(access, 'a', 'startRun', 'body', count)).toEqual(first);
    expect(await withIdempotency(access, 'a', 'createWorkflow', 'body', count)).not.toEqual(first);
    expect(await withIdempotency(await testAccess(), 'a', 'startRun', 'body', count)).not.toEqual(first);
  });

  it('refuses the same key for something else, and keys that are none', async () => {
    await withIdempotency(access, 'b', 'startRun', 'body', count);
    expect(await codeOf(withIdempotency(access, 'b', 'startRun', 'other body', count))).toBe('conflict');
    for (const key of ['', ' ', 'x'.repeat(256), 'ümlaut', 'a\u0000b']) {
      expect(await codeOf(withIdempotency(access, key, 'startRun', 'body', count))).toBe('bad_request');
    }
  });

  it('lets one of several calls at the same moment through', async () => {
    const before = calls;
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return count();
    };
    const codes = await Promise.all(Array.from({ length: 6 }, () => codeOf(withIdempotency(access, 'c', 'startRun', 'body', slow))));
    expect(codes.filter((code) => code === 'fulfilled')).toHaveLength(1);
    expect(codes.filter((code) => code === 'conflict')).toHaveLength(5);
    expect(calls).toBe(before + 1);
  });

  it('forgets a call that was refused', async () => {
    const refused = async () => {
      throw new AppError('validation_error', 'no');
    };
    expect(await codeOf(withIdempotency(access, 'd', 'startRun', 'body', refused))).toBe('validation_error');
    expect(await codeOf(withIdempotency(access, 'd', 'startRun', 'other body', count))).toBe('fulfilled');
  });

  it('gives a key to the next call when the first one died, or 24 hours have passed', async () => {
    const set = (data: object) => database().idempotency.updateMany({ where: { key: 'e' }, data });
    const first = await withIdempotency(access, 'e', 'startRun', 'body', count);
    await set({ status: null, createdAt: new Date(Date.now() - 30_000) });
    expect(await codeOf(withIdempotency(access, 'e', 'startRun', 'body', count))).toBe('conflict');
    await set({ createdAt: new Date(Date.now() - 61_000) });
    expect(await codeOf(withIdempotency(access, 'e', 'startRun', 'other body', count))).toBe('conflict');
    const second = await withIdempotency(access, 'e', 'startRun', 'body', count);
    expect(second).not.toEqual(first);
    await set({ expiresAt: new Date(Date.now() - 1) });
    expect(await withIdempotency(access, 'e', 'startRun', 'other body', count)).not.toEqual(second);
    await set({ expiresAt: new Date(Date.now() - 1) });
    expect(await sweepIdempotency(new Date())).toBe(1);
  });

  it('starts one run, though the process died before it kept its answer', async () => {
    const definition = exampleDefinition() as never;
    const body = { definition, trigger_type: 'manual' as const, tags: [], draft: false };
    const { id } = await createWorkflow(access, { params: {}, query: {}, body });
    const input = { params: { id }, query: {}, body: { input_data: {}, draft: false, priority: 0 } };
    const start = () => withIdempotency(access, 'h', 'startRun', 'body', (onceKey) => startRun(access, input, onceKey));
    const first = await start();
    const set = (data: object) => database().idempotency.updateMany({ where: { key: 'h' }, data });
    await set({ status: null, createdAt: new Date(Date.now() - 61_000) });
    expect(await start()).toEqual(first);
    await set({ expiresAt: new Date(Date.now() - 1) });
    expect(await start()).not.toEqual(first);
  });

  it('leaves a call that failed half-way to the next one at once', async () => {
    const keys: string[] = [];
    const fail = async (onceKey: string) => {
      keys.push(onceKey);
      throw new Error('connection cut');
    };
    await expect(withIdempotency(access, 'i', 'startRun', 'body', fail)).rejects.toThrow('connection cut');
    await withIdempotency(access, 'i', 'startRun', 'body', async (onceKey) => keys.push(onceKey));
    expect(keys[1]).toBe(keys[0]);
  });

  it('keeps no secret', async () => {
    const make = async () => ({ key: 'wl_secret' });
    expect(await withIdempotency(access, 'f', 'createKey', 'body', make)).toEqual({ key: 'wl_secret' });
    expect(await codeOf(withIdempotency(access, 'f', 'createKey', 'body', make))).toBe('conflict');
    expect(JSON.stringify(await database().idempotency.findMany())).not.toContain('wl_secret');
  });

  it('answers null as null', async () => {
    const nothing = async () => null;
    await withIdempotency(access, 'g', 'startRun', 'body', nothing);
    expect(await withIdempotency(access, 'g', 'startRun', 'body', count)).toBeNull();
  });
});
