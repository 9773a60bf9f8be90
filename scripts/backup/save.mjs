// @ts-check
/**
 * Writes a database into one file: all tables as one moment saw them (a repeatable-read snapshot), while everybody else goes
 * on reading and writing.
 */
import { createHash } from 'node:crypto';
import { readMigrations } from '../migrate.mjs';
import { createArchive } from './archive.mjs';
import { connectTo } from './connect.mjs';
import { copyOut } from './copy-rows.mjs';
import { quoted, quotedColumn, readShape, sealingKeys } from './shape.mjs';

/** Of the file's own layout; a reader refuses a higher one. */
export const FORMAT = 1;
export const MANIFEST = 'manifest.json';
export const CHECKSUMS = 'checksums.json';
export const KEYS = 'keys/';

/**
 * @typedef {import('./shape.mjs').Shape & { format: number, product: string, version: string, made_at: string, postgres: string, sealed_by: string[] }} Manifest
 * @typedef {{ manifest: string, tables: { name: string, rows: number, bytes: number, sha256: string }[], keys: Record<string, string> }} Checksums
 */

/** @param {Buffer | string} data */
export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** @param {string} table @param {number} number of the chunk, from 1 */
const entryName = (table, number) => `data/${table}/${String(number).padStart(8, '0')}.copy`;

/**
 * Throws an Error of one sentence; then there is no file.
 * @param {object} options
 * @param {string} options.url of the database
 * @param {string} options.file must not exist
 * @param {string} options.version of the product
 * @param {Record<string, string>} [options.keys] to lie in the file, by the name they have in the data folder
 * @returns {Promise<{ tables: number, rows: number, bytes: number, sealedBy: string[] }>} `bytes`: of the file
 */
export async function saveDatabase({ url, file, version, keys = {} }) {
  const client = await connectTo(url, 'weftline backup');
  /** @type {Awaited<ReturnType<typeof createArchive>> | null} */
  let archive = null;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const shape = await readShape(client);
    await requireOurs(shape);
    // Held to the end, so that no table is changed or dropped between the catalog and its rows.
    await client.query(`LOCK TABLE ${shape.tables.map(({ name }) => quoted(name)).join(', ')} IN ACCESS SHARE MODE`);
    const { rows } = await client.query(
      `SELECT current_setting('server_version') AS postgres, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at`,
    );
    /** @type {Manifest} */
    const manifest = {
      format: FORMAT,
      product: 'weftline',
      version,
      made_at: rows[0].at,
      postgres: rows[0].postgres,
      sealed_by: await sealingKeys(client),
      ...shape,
    };
    archive = await createArchive(file);
    const text = Buffer.from(JSON.stringify(manifest, null, 2));
    await archive.add(MANIFEST, text);
    /** @type {Checksums} */
    const sums = { manifest: sha256(text), tables: [], keys: {} };
    for (const [name, key] of Object.entries(keys)) {
      await archive.add(`${KEYS}${name}`, Buffer.from(key));
      sums.keys[name] = sha256(key);
    }
    for (const table of shape.tables) sums.tables.push(await saveTable(client, archive, table));
    await archive.add(CHECKSUMS, Buffer.from(JSON.stringify(sums, null, 2)));
    await client.query('COMMIT');
    const bytes = await archive.close();
    const count = sums.tables.reduce((sum, table) => sum + table.rows, 0);
    return { tables: sums.tables.length, rows: count, bytes, sealedBy: manifest.sealed_by };
  } catch (error) {
    await archive?.abandon();
    throw explained(error, file);
  } finally {
    await client.end().catch(() => {});
  }
}

/** @param {import('pg').Client} client @param {Awaited<ReturnType<typeof createArchive>>} archive @param {{ name: string, columns: string[] }} table */
async function saveTable(client, archive, { name, columns }) {
  const hash = createHash('sha256');
  const rows = copyOut(client, `COPY ${quoted(name)} (${columns.map(quotedColumn).join(', ')}) TO STDOUT`);
  let bytes = 0;
  let number = 0;
  for (;;) {
    const { value, done } = await rows.next();
    if (done) return { name, rows: value, bytes, sha256: hash.digest('hex') };
    hash.update(value);
    bytes += value.length;
    number += 1;
    await archive.add(entryName(name, number), value);
  }
}

/** @param {import('./shape.mjs').Shape} shape */
async function requireOurs({ migrations }) {
  if (migrations.length === 0) throw new Error('There is nothing to back up: the database holds no Weftline yet.');
  const known = new Set((await readMigrations()).map(({ name }) => name));
  const newer = migrations.find(({ name }) => !known.has(name));
  // We would not know all its tables.
  if (newer) throw new Error(`The database was migrated by a newer version (${newer.name}); back it up with that one.`);
}

/** @param {unknown} error @param {string} file */
function explained(error, file) {
  const { code = '', message = String(error) } = /** @type {NodeJS.ErrnoException} */ (error ?? {});
  if (code === 'ENOSPC') return new Error(`There is no space left for ${file}; nothing was written.`);
  if (code === 'ENOENT') return new Error(`The folder of ${file} does not exist.`);
  if (code === 'EACCES' || code === 'EROFS') return new Error(`${file} cannot be written (${code}).`);
  if (/Connection terminated/.test(message))
    return new Error('The database went away during the backup; nothing was written. Run it again.');
  return error instanceof Error ? error : new Error(message);
}
