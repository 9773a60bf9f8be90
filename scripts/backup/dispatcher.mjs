// @ts-check
/**
 * The tables of graphile-worker at a level. It makes them itself when the product starts, but only its newest ones and in
 * transactions of its own; a restore needs those of the backup, in its own.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../stamps.mjs';
import { DISPATCHER } from './shape.mjs';

const FOLDER = join(PROJECT, 'node_modules', 'graphile-worker', 'sql');

/** @returns {Promise<string[]>} files in the order of their numbers, which begin with 1 and have no gap */
export async function dispatcherMigrations() {
  return (await readdir(FOLDER)).filter((name) => /^\d{6}\.sql$/.test(name)).sort();
}

/**
 * Goes from one level to another, by default the newest, as graphile-worker does.
 * @param {import('pg').Client} client @param {number} from @param {number} [to]
 */
export async function makeDispatcher(client, from, to = Number.POSITIVE_INFINITY) {
  if (to === 0) return;
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS ${DISPATCHER};
    CREATE TABLE IF NOT EXISTS ${DISPATCHER}.migrations (id int PRIMARY KEY, ts timestamptz DEFAULT now() NOT NULL);
    ALTER TABLE ${DISPATCHER}.migrations ADD COLUMN IF NOT EXISTS breaking boolean NOT NULL DEFAULT false`);
  for (const file of await dispatcherMigrations()) {
    const level = Number.parseInt(file, 10);
    if (level <= from || level > to) continue;
    const text = await readFile(join(FOLDER, file), 'utf8');
    await client.query(text.replaceAll(/:GRAPHILE_WORKER_SCHEMA\b/g, DISPATCHER));
    await client.query(`INSERT INTO ${DISPATCHER}.migrations (id, breaking) VALUES ($1, $2)`, [level, text.startsWith('--! breaking')]);
  }
}
