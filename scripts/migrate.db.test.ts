import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { freshDatabase } from '#lib/db/test-database.ts';
import { migrate } from '#scripts/migrate.mjs';

let url = '';
let folder = '';

function put(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

beforeAll(async () => {
  url = (await freshDatabase({ empty: true })).url;
  folder = mkdtempSync(join(tmpdir(), 'weftline-migrations-'));
});

it('applies in name order, once, even when two start at the same time', async () => {
  put('0002_second', 'ALTER TABLE thing ADD COLUMN name text;');
  put('0001_first', 'CREATE TABLE thing (id int);');
  const applied = await Promise.all([migrate(url, { folder }), migrate(url, { folder })]);
  expect(applied.flat()).toEqual(['0001_first', '0002_second']);
  expect(await migrate(url, { folder })).toEqual([]);
});

it('keeps nothing of a migration that fails', async () => {
  put('0003_third', 'CREATE TABLE half (id int); SELECT nonsense;');
  await expect(migrate(url, { folder })).rejects.toThrow(
    'Migration 0003_third failed and nothing of it was kept: column "nonsense" does not exist.',
  );
  expect(await ask(`SELECT to_regclass('half') AS half`)).toEqual([{ half: null }]);
  put('0003_third', 'CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 1; END $$;');
  expect(await migrate(url, { folder })).toEqual(['0003_third']);
});

it('refuses a migration that was changed after it was applied', async () => {
  put('0001_first', 'CREATE TABLE thing (id bigint);');
  await expect(migrate(url, { folder })).rejects.toThrow('Migration 0001_first was changed after it was applied');
  put('0001_first', 'CREATE TABLE thing (id int);');
});

it('refuses a database of a newer version', async () => {
  await expect(migrate(url, { folder: join(folder, 'none') })).rejects.toThrow('migrated by a newer version');
});

it('makes a database that the server does not have, and says where nobody answers', async () => {
  const other = new URL(url);
  other.pathname = `${other.pathname}_other`;
  expect(await migrate(other.href, { folder })).toHaveLength(3);
  await ask(`DROP DATABASE ${other.pathname.slice(1)}`);
  await expect(migrate('postgresql://a:secret@127.0.0.1:1/x', { folder })).rejects.toThrow(
    /^The database at 127\.0\.0\.1:1 does not answer \((?!.*secret)/,
  );
});
