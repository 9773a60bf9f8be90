import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { freshDatabase } from '#lib/db/test-database.ts';
import { sealKey } from '#lib/server/seal.ts';
import { sealNames } from '#scripts/backup/keys.mjs';
import { migrate } from '#scripts/migrate.mjs';
import { startPostgres } from '#scripts/postgres.mjs';
import { until } from '#worker/test-runs.ts';

const PROJECT = dirname(dirname(import.meta.dirname));
const root = mkdtempSync(join(tmpdir(), 'weftline-commands-'));
const first = join(root, 'first');
const second = join(root, 'second');
const KEY = 'a-key-of-the-first-instance-0123456789';
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Told {
  readonly status: number | null;
  readonly output: string;
}

/** A command as a person gives it, with no settings but these. */
function command(name: 'backup' | 'restore', args: readonly string[], env: Readonly<Record<string, string>>): Told {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${name}.mjs`, ...args], {
    cwd: PROJECT,
    encoding: 'utf8',
    env: { NODE_ENV: 'production', PATH: process.env.PATH, ...env },
    timeout: 60_000,
  });
  return { status, output: stdout + stderr };
}

async function ask(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(text, values);
  await client.end();
  return rows;
}

it('names keys as sealed values do', () => {
  expect(sealNames(`${KEY}, b-key-of-32-characters-and-some-more-00`)).toEqual(
    [KEY, 'b-key-of-32-characters-and-some-more-00'].map((key) => sealKey(key).id.toString('hex')),
  );
});

it('backs the embedded database up while it runs and while it does not, and restores it into another folder', async () => {
  expect(command('backup', [], { DATA_DIR: first })).toMatchObject({
    status: 1,
    output: expect.stringContaining(`There is no database in ${first}`),
  });
  const running = await startPostgres({ folder: first, durable: false });
  try {
    await migrate(running.url());
    writeFileSync(join(first, 'encryption-key'), `${KEY}\n`);
    writeFileSync(join(first, 'session-secret'), 's'.repeat(40));
    await ask(running.url(), `insert into workspace (id, name, slug) values ('00000000-0000-7000-8000-000000000001', 'w', 'w')`);
    const sealed = Buffer.concat([Buffer.from([1]), sealKey(KEY).id, Buffer.alloc(40)]);
    await ask(
      running.url(),
      `insert into secret (id, workspace_id, name, sealed) values (gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'token', $1)`,
      [sealed],
    );
    const told = command('backup', [join(root, 'while.tar.zst')], { DATA_DIR: first });
    expect(told.output).toContain('without the first, the secrets in this backup cannot be read');
    expect(told.status).toBe(0);
    expect(running.alive()).toBe(true);
  } finally {
    await running.stop();
  }
  // Whoever reads the file reads everything but secrets.
  expect(statSync(join(root, 'while.tar.zst')).mode & 0o777).toBe(0o600);
  expect(command('backup', ['--include-keys'], { DATA_DIR: first }).output).toContain('It holds the keys that open its secrets');
  expect(existsSync(join(first, 'postgres', 'postmaster.pid'))).toBe(false);
  const [name = ''] = readdirSync(join(first, 'backups'));
  expect(name).toMatch(/^weftline-\d{8}-\d{6}\.tar\.zst$/);

  // Without keys: said. It was started for this alone, and is stopped again.
  const without = command('restore', [join(root, 'while.tar.zst')], { DATA_DIR: second });
  expect(without.output).toContain('Its secrets were sealed with a key that is not here');
  expect(existsSync(join(second, 'postgres', 'postmaster.pid'))).toBe(false);
  expect(command('restore', [join(root, 'while.tar.zst')], { DATA_DIR: second }).output).toContain('The database is not empty');

  // With keys: put in place, and what was there is kept.
  writeFileSync(join(second, 'encryption-key'), `${'o'.repeat(40)}\n`);
  const withKeys = command('restore', [join(first, 'backups', name), '--replace'], { DATA_DIR: second });
  expect(withKeys.output).toContain('Restored made');
  expect(withKeys.output).not.toContain('a key that is not here');
  expect(readFileSync(join(second, 'encryption-key'), 'utf8')).toBe(`${KEY}\n`);
  expect(readFileSync(join(second, 'session-secret'), 'utf8').trim()).toBe('s'.repeat(40));
  expect(readdirSync(second).filter((file) => file.startsWith('encryption-key.before-'))).toHaveLength(1);
  const restored = await startPostgres({ folder: second, durable: false });
  try {
    expect(await ask(restored.url(), `select name, length(sealed) as length from secret`)).toEqual([{ name: 'token', length: 49 }]);
  } finally {
    await restored.stop('immediate');
  }
}, 90_000);

it.each([
  ['backup', ['a', 'b'], /^Use: npm run backup -- \[file or folder\] \[--include-keys\]/],
  ['backup', ['--nonsense'], /^Use: npm run backup/],
  ['backup', [join(PROJECT, 'package.json')], /package\.json exists; name another file/],
  ['backup', ['/nowhere/at/all.tar.zst'], /The folder of \/nowhere\/at\/all\.tar\.zst does not exist\.$/],
  ['restore', [], /^Use: npm run restore -- <file> \[--replace \| --check\]/],
  ['restore', [join(PROJECT, 'package.json')], /package\.json is not a backup of Weftline\.$/],
  ['restore', ['/nowhere/at/all.tar.zst', '--check'], /There is no file \/nowhere\/at\/all\.tar\.zst\.$/],
] as const)('says in one sentence what is wrong: %s %o', async (name, args, sentence) => {
  const { url } = await freshDatabase();
  const { status, output } = command(name, args, { DATABASE_URL: url, DATA_DIR: join(root, 'none') });
  expect(output.trim().split('\n').at(-1)).toMatch(sentence);
  expect(status).toBe(1);
});

it('leaves the former data when it is killed in the middle', async () => {
  const { url } = await freshDatabase();
  await ask(url, `insert into workspace (id, name, slug) values (gen_random_uuid(), 'new', 'new')`);
  const file = join(root, 'killed.tar.zst');
  const env = { DATABASE_URL: url, DATA_DIR: join(root, 'none') };
  expect(command('backup', [file], env).status).toBe(0);
  await ask(url, `update workspace set name = 'former'`);
  const restore = spawn(process.execPath, ['scripts/restore.mjs', file, '--replace'], {
    cwd: PROJECT,
    env: { NODE_ENV: 'production', PATH: process.env.PATH, ...env },
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => restore.once('exit', resolve));
  // Once its transaction has locks of the strongest kind, former tables are on their way out. Asked from another database: a
  // restore is refused while somebody is connected to its own.
  const aside = new URL(url);
  aside.pathname = '/postgres';
  const name = new URL(url).pathname.slice(1);
  await until(async () => {
    const [row] = await ask(
      aside.href,
      `select count(*)::int as locks from pg_locks where mode = 'AccessExclusiveLock' and granted and locktype = 'relation'
         and database = (select oid from pg_database where datname = '${name}')`,
    );
    return Number(row?.locks) > 50;
  });
  restore.kill('SIGKILL');
  await gone;
  expect(await ask(url, 'select name from workspace')).toEqual([{ name: 'former' }]);
  expect(command('restore', [file, '--replace'], env).status).toBe(0);
  expect(await ask(url, 'select name from workspace')).toEqual([{ name: 'new' }]);
});
