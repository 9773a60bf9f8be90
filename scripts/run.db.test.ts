import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freshDatabase } from '#lib/db/test-database.ts';
import { migrate, pendingMigrations } from '#scripts/migrate.mjs';

/** `npm run web` and `npm run worker` as a service manager runs them, and the health check of containers. */
const PROJECT = join(import.meta.dirname, '..');
const SECRETS = {
  WEFTLINE_SECRET: 'test-secret-0123456789-0123456789-abcdef',
  WEFTLINE_ENCRYPTION_KEY: 'test-encryption-key-0123456789-0123456789',
};
let child: ChildProcess | null = null;

afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
});

function start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  child = spawn(process.execPath, args, {
    cwd: PROJECT,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return child;
}

/** What a program said on standard error, and its exit code. */
function outcome(args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...args],
      { cwd: PROJECT, env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env } },
      (error, _stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), said: stderr.trim() });
      },
    );
  });
}

test('a process without what all processes share says which variables are missing', async () => {
  const { code, said } = await outcome(['scripts/run.mjs', 'worker'], { DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none' });
  expect(code).toBe(1);
  expect(said).toBe(
    'Set WEFTLINE_SECRET and WEFTLINE_ENCRYPTION_KEY: processes that work together need the same ones. See docs/scaling.md.',
  );
});

test('a database that the new version has not migrated is refused, and nothing is changed in it', async () => {
  const { url } = await freshDatabase({ empty: true });
  const before = await pendingMigrations(url);
  expect(before.length).toBeGreaterThan(10);
  const { code, said } = await outcome(['scripts/run.mjs', 'worker'], { DATABASE_URL: url, ...SECRETS });
  expect(code).toBe(1);
  expect(said).toMatch(/run "npm run migrate" once before the new version starts/);
  expect(await pendingMigrations(url)).toEqual(before);
  await migrate(url);
  expect(await pendingMigrations(url)).toEqual([]);
});

test('a worker runs in the foreground, is healthy while it has its lease, and drains on SIGTERM', async () => {
  const { url } = await freshDatabase();
  const env = { DATABASE_URL: url, ...SECRETS, LOG_LEVEL: 'info' };
  const worker = start(['scripts/run.mjs', 'worker'], env);
  const exited = once(worker, 'exit');
  await new Promise<void>((resolve) => {
    for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (data) => String(data).includes('Worker started') && resolve());
  });
  expect(await outcome(['scripts/health.mjs', 'worker'], env)).toEqual({ code: 0, said: '' });
  worker.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  const after = await outcome(['scripts/health.mjs', 'worker'], env);
  expect(after.code).toBe(1);
  expect(after.said).toMatch(/^no worker of .+ has a lease$/);
});
