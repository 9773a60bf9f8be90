import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { startPostgres } from '#scripts/postgres.mjs';

const folder = mkdtempSync(join(tmpdir(), 'weftline-server-'));
const PROJECT = dirname(import.meta.dirname);
const start = (where = folder) => startPostgres({ folder: where, durable: false });

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

afterAll(async () => {
  await (await start()).stop('immediate');
  rmSync(folder, { recursive: true, force: true });
});

it('makes a UTF-8 cluster behind a closed socket folder and no port', async () => {
  const postgres = await start();
  expect(postgres.adopted).toBe(false);
  const [row] = await ask(
    postgres.url(),
    `SELECT current_setting('server_encoding') AS encoding, current_setting('listen_addresses') AS listen`,
  );
  expect(row).toEqual({ encoding: 'UTF8', listen: '' });
  expect(statSync(postgres.socketDir).mode & 0o777).toBe(0o700);
  await ask(postgres.url(), 'CREATE TABLE kept AS SELECT 42 AS answer');
  // A throw-away cluster waits for no disk, and what is killed soon would lose it.
  await ask(postgres.url(), 'CHECKPOINT');
});

it('adopts the server that a killed launcher left', async () => {
  const before = await start();
  const script = `const { startPostgres } = await import('./scripts/postgres.mjs');
    const found = await startPostgres({ folder: process.argv[1] });
    console.log(found.adopted, found.pid);
    process.kill(process.pid, 'SIGKILL');`;
  const other = spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], { cwd: PROJECT, encoding: 'utf8' });
  expect(other.stdout.trim()).toBe(`true ${before.pid}`);
  expect((await start()).pid).toBe(before.pid);
});

it('recovers after the server itself was killed', async () => {
  const before = await start();
  process.kill(before.pid, 'SIGKILL');
  const after = await start();
  expect(after.adopted).toBe(false);
  expect(await ask(after.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

it('does not believe a lock file that names a stranger', async () => {
  const before = await start();
  const lock = readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8');
  await before.stop();
  expect(before.alive()).toBe(false);
  writeFileSync(join(folder, 'postgres', 'postmaster.pid'), lock.replace(/^\d+/, String(process.pid)));
  const after = await start();
  expect(after.adopted).toBe(false);
  expect(after.alive()).toBe(true);
});

it('puts the socket elsewhere when the path is too long for one', async () => {
  const deep = join(folder, 'a'.repeat(120));
  const postgres = await start(deep);
  expect(Buffer.byteLength(postgres.socketDir)).toBeLessThan(91);
  await postgres.stop('immediate');
  rmSync(postgres.socketDir, { recursive: true, force: true });
});

it('leaves a folder alone that is not its own', async () => {
  const foreign = join(folder, 'foreign');
  mkdirSync(join(foreign, 'postgres'), { recursive: true });
  writeFileSync(join(foreign, 'postgres', 'diary.txt'), 'dear');
  await expect(start(foreign)).rejects.toThrow('holds files but no database');
  writeFileSync(join(foreign, 'postgres', 'PG_VERSION'), '17\n');
  await expect(start(foreign)).rejects.toThrow('made by PostgreSQL 17');
  expect(existsSync(join(foreign, 'postgres', 'diary.txt'))).toBe(true);
});

it.each([
  [{ PORT: '99999' }, /PORT must be 1 to 65535/],
  [{ HOST: '203.0.113.1' }, /HOST 203\.0\.113\.1 is not an address of this machine/],
  [{ DATA_DIR: '/proc/weftline' }, /data folder \/proc\/weftline cannot be written/],
  [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL must start with postgres/],
  [{ DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/x' }, /database at 127\.0\.0\.1:1 does not answer/],
])('says in one sentence what is wrong with %o', (bad, sentence) => {
  const env = { PATH: process.env.PATH, PORT: '0', DATA_DIR: join(folder, 'data'), NODE_ENV: 'production' as const, ...bad };
  if (env.PORT === '0') env.PORT = String(20_000 + (process.pid % 20_000));
  const result = spawnSync(process.execPath, ['scripts/launch.mjs', '--dev'], { cwd: PROJECT, encoding: 'utf8', env, timeout: 20_000 });
  expect(result.stderr.trim()).toMatch(sentence);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
  expect(result.status).toBe(1);
});
