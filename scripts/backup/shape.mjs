// @ts-check
/** What a backup holds of a database, and at which level its schema is: asked of the database's own catalog. */
import { readMigrations } from '../migrate.mjs';

export const DISPATCHER = 'graphile_worker';
const OURS = ['journal', DISPATCHER];
/** Written by who makes the schema, not copied. */
const LEVELS = new Set(['public._prisma_migrations', `${DISPATCHER}.migrations`]);
const NAME = /^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/;

/**
 * @typedef {object} Shape
 * @property {{ name: string, checksum: string }[]} migrations
 * @property {number} dispatcher the level of graphile-worker's own tables; 0 where there are none
 * @property {{ name: string, columns: string[] }[]} tables `schema.name`; a partitioned table's rows are in its partitions
 * @property {{ name: string, of: string, bound: string, options: string[] }[]} partitions those of a time, parents first
 * @property {{ name: string, last: string, called: boolean }[]} sequences
 */

/** @param {string} name `schema.table`, of a file perhaps @returns {string} for SQL */
export function quoted(name) {
  if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a table.`);
  return name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}

/** @param {string} name of a column */
export function quotedColumn(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The tables and sequences in `public` that our migrations make: a server that others use too may have more of them.
 * @returns {Promise<Set<string>>}
 */
export async function ownNames() {
  const migrations = await readMigrations();
  const made = /CREATE\s+(?:UNLOGGED\s+)?(?:TABLE|SEQUENCE)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"?public"?\.)?"?([a-z_][a-z0-9_]*)"?/gi;
  const names = migrations.flatMap(({ sql }) => [...sql.matchAll(made)].map((match) => `public.${match[1]}`));
  return new Set(['public._prisma_migrations', ...names]);
}

/** Tables of `public` that are not ours and that no extension brought. @param {import('pg').Client} client */
export async function foreignTables(client) {
  const own = await ownNames();
  const { rows } = await client.query(
    `SELECT 'public.' || relname AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1`,
  );
  return rows.map((row) => row.name).filter((name) => !own.has(name));
}

/** @param {import('pg').Client} client @returns {Promise<Shape>} */
export async function readShape(client) {
  const own = await ownNames();
  const isOurs = (/** @type {{ schema: string, name: string }} */ row) =>
    (OURS.includes(row.schema) || own.has(row.name)) && !LEVELS.has(row.name);
  const tables = await client.query(
    `SELECT n.nspname AS schema, n.nspname || '.' || c.relname AS name,
       (SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}') FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname IN ('public', 'journal', '${DISPATCHER}') ORDER BY n.nspname DESC, c.relname`,
  );
  const partitions = await client.query(
    `SELECT n.nspname AS schema, n.nspname || '.' || c.relname AS name, pn.nspname || '.' || p.relname AS of,
       pg_get_expr(c.relpartbound, c.oid) AS bound, coalesce(c.reloptions, '{}') AS options
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
     WHERE c.relispartition AND c.relkind = 'r' AND n.nspname IN ('public', 'journal') ORDER BY c.oid`,
  );
  const sequences = await client.query(
    `SELECT schemaname AS schema, schemaname || '.' || sequencename AS name, last_value FROM pg_sequences s
     WHERE schemaname IN ('journal', '${DISPATCHER}') OR (schemaname = 'public' AND EXISTS (
       SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = s.sequencename)) ORDER BY 2`,
  );
  /** @type {Shape['sequences']} */
  const numbers = [];
  for (const row of sequences.rows) {
    if (row.schema === 'public' && !(own.has(row.name) || (await ownedByUs(client, row.name, own)))) continue;
    const { rows } = await client.query(`SELECT last_value::text AS last, is_called AS called FROM ${quoted(row.name)}`);
    numbers.push({ name: row.name, last: rows[0].last, called: rows[0].called });
  }
  return {
    migrations: await appliedMigrations(client),
    dispatcher: await dispatcherLevel(client),
    tables: tables.rows.filter(isOurs).map(({ name, columns }) => ({ name, columns })),
    partitions: partitions.rows.filter(isOurs).map(({ name, of, bound, options }) => ({ name, of, bound, options })),
    sequences: numbers,
  };
}

/** @param {import('pg').Client} client @param {string} sequence @param {Set<string>} own */
async function ownedByUs(client, sequence, own) {
  const { rows } = await client.query(
    `SELECT 'public.' || c.relname AS name FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid
     WHERE d.classid = 'pg_class'::regclass AND d.objid = $1::regclass AND d.deptype IN ('a', 'i')`,
    [quoted(sequence)],
  );
  return rows.some((row) => own.has(row.name));
}

/** @param {import('pg').Client} client @returns {Promise<{ name: string, checksum: string }[]>} none in a database that is not ours */
export async function appliedMigrations(client) {
  if (!(await exists(client, 'public._prisma_migrations'))) return [];
  const { rows } = await client.query(
    'SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL ORDER BY 1',
  );
  return rows;
}

/** @param {import('pg').Client} client */
async function dispatcherLevel(client) {
  if (!(await exists(client, `${DISPATCHER}.migrations`))) return 0;
  const { rows } = await client.query(`SELECT coalesce(max(id), 0) AS level FROM ${DISPATCHER}.migrations`);
  return Number(rows[0].level);
}

/** @param {import('pg').Client} client @param {string} table */
export async function exists(client, table) {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [quoted(table)]);
  return rows[0].there === true;
}

/**
 * Which keys sealed the secrets that the database holds, by the names that sealed values carry of them.
 * @param {import('pg').Client} client @returns {Promise<string[]>}
 */
export async function sealingKeys(client) {
  const { rows: columns } = await client.query(
    `SELECT table_schema || '.' || table_name AS name, column_name AS column FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'bytea' AND column_name LIKE 'sealed%' ORDER BY 1, 2`,
  );
  const own = await ownNames();
  const found = new Set();
  for (const { name, column } of columns.filter((row) => own.has(row.name))) {
    const { rows } = await client.query(
      `SELECT DISTINCT encode(substring(${quotedColumn(column)} from 2 for 8), 'hex') AS id FROM ${quoted(name)} WHERE ${quotedColumn(column)} IS NOT NULL`,
    );
    for (const { id } of rows) found.add(id);
  }
  return [...found].sort();
}
