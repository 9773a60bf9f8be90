// @ts-check
/**
 * Applies `prisma/migrations` at start, in name order, into the same `_prisma_migrations` table that Prisma's own command
 * writes, under the same advisory lock, so both can be used on one database. Ours needs no engine and takes one query when
 * there is nothing to do. Each migration and its row are one transaction: a kill in the middle leaves nothing behind.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
/** The id of Prisma's own lock: who holds it is the only one who changes the schema. */
export const LOCK = 72_707_369;
const LOCK_WAIT = '60s';
const CONNECT_MS = 10_000;

const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL,
  logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

/**
 * Brings a database up to the migrations of a folder; makes the database when the server does not have it.
 * Throws an Error of one sentence when the server does not answer, an applied migration was changed, or one fails.
 * @param {string} url
 * @param {{ folder?: string }} [options]
 * @returns {Promise<string[]>} the names that were applied now
 */
export async function migrate(url, { folder = join(PROJECT, 'prisma', 'migrations') } = {}) {
  const migrations = await readMigrations(folder);
  const client = await connect(url);
  try {
    await client.query(`SET lock_timeout = '${LOCK_WAIT}'`);
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]).catch((error) => {
      throw new Error(
        error.code === '55P03'
          ? 'Another process is migrating this database and did not finish within a minute; try again when it has.'
          : error.message,
      );
    });
    await client.query("SET lock_timeout = 0; SET client_min_messages = 'warning'");
    await client.query(TABLE);
    const { rows } = await client.query(
      'SELECT migration_name AS name, checksum, finished_at AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
    );
    const pending = comparePlans(migrations, rows);
    for (const migration of pending) await applyMigration(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * The names of the migrations that this version brings and a database lacks; changes nothing. One that has more than this
 * version knows lacks none: the processes before a deploy go on beside it. Throws an Error of one sentence.
 * @param {string} url
 */
export async function pendingMigrations(url) {
  const migrations = await readMigrations(join(PROJECT, 'prisma', 'migrations'));
  const client = await open(url).catch((error) => {
    throw unreachable(url, error);
  });
  try {
    const { rows } = await client.query(`select to_regclass('_prisma_migrations') is not null as found`);
    const applied = rows[0].found
      ? await client.query('SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL')
      : { rows: [] };
    const names = new Set(applied.rows.map((row) => row.name));
    return migrations.map(({ name }) => name).filter((name) => !names.has(name));
  } finally {
    await client.end().catch(() => {});
  }
}

/** @typedef {{ name: string, sql: string, checksum: string }} Migration */

/** @param {string} [folder] @returns {Promise<Migration[]>} in the order of their names */
export async function readMigrations(folder = join(PROJECT, 'prisma', 'migrations')) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8').catch(() => null);
      if (sql === null) throw new Error(`Migration ${name} has no migration.sql; restore the file or remove the folder.`);
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * @param {Migration[]} migrations
 * @param {{ name: string, checksum: string, finished: Date | null }[]} rows
 * @returns {Migration[]} those to apply
 */
function comparePlans(migrations, rows) {
  const applied = new Map(rows.map((row) => [row.name, row]));
  const known = new Set(migrations.map((migration) => migration.name));
  for (const row of rows) {
    if (row.finished === null) {
      throw new Error(
        `Migration ${row.name} failed earlier in this database; repair it and run "npx prisma migrate resolve", or restore a backup.`,
      );
    }
    if (!known.has(row.name))
      throw new Error(`The database was migrated by a newer version (${row.name}); update Weftline or use another database.`);
  }
  for (const migration of migrations) {
    const row = applied.get(migration.name);
    if (row && row.checksum !== migration.checksum) {
      throw new Error(
        `Migration ${migration.name} was changed after it was applied; restore its file and put the change into a new migration.`,
      );
    }
  }
  return migrations.filter((migration) => !applied.has(migration.name));
}

/**
 * Applies migrations within the caller's transaction, to a schema that may have none yet.
 * @param {import('pg').Client} client @param {Migration[]} migrations
 */
export async function applyAll(client, migrations) {
  await client.query(TABLE);
  for (const migration of migrations) await write(client, migration);
}

/** @param {import('pg').Client} client @param {Migration} migration */
async function write(client, { name, sql, checksum }) {
  await client.query(sql);
  await client.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), clock_timestamp(), 1)',
    [randomUUID(), checksum, name],
  );
}

/** @param {import('pg').Client} client @param {Migration} migration */
async function applyMigration(client, migration) {
  const { name } = migration;
  try {
    await client.query('BEGIN');
    await write(client, migration);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new Error(`Migration ${name} failed and nothing of it was kept: ${/** @type {Error} */ (error).message}.`);
  }
}

/** @param {string} url @returns {Promise<import('pg').Client>} */
async function connect(url) {
  try {
    return await open(url);
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== '3D000') throw unreachable(url, error);
  }
  const target = new URL(url);
  const database = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  try {
    const admin = await open(target.href);
    try {
      await admin.query(`CREATE DATABASE "${database.replaceAll('"', '""')}"`);
    } finally {
      await admin.end().catch(() => {});
    }
    return await open(url);
  } catch (error) {
    throw new Error(
      `The database "${database}" does not exist and could not be made (${/** @type {Error} */ (error).message}); create it or correct DATABASE_URL.`,
    );
  }
}

/** @param {string} connectionString */
async function open(connectionString) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** One sentence that carries no password. @param {string} url @param {unknown} error */
function unreachable(url, error) {
  const { hostname, port, searchParams } = new URL(url);
  const place = searchParams.get('host') ?? `${hostname}:${port || 5432}`;
  const cause = /** @type {{ message?: string, code?: string }} */ (error);
  return new Error(`The database at ${place} does not answer (${cause.message || cause.code}); start it or correct DATABASE_URL.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = process.env.DATABASE_URL;
  try {
    if (!url) throw new Error('Set DATABASE_URL to the database to migrate.');
    const names = await migrate(url);
    console.log(names.length === 0 ? 'Nothing to migrate.' : `Applied ${names.join(', ')}.`);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
