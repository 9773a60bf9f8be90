// @ts-check
/**
 * Puts a backup into a database, in one transaction: whatever goes wrong or is killed, the former data is still there.
 *
 *   file is ours, not newer ─► nobody connected ─► empty, or --replace
 *     BEGIN ─► former tables away ─► schema of the backup's level ─► partitions ─► rows ─► checksums, counts
 *           ─► indexes, foreign keys (checked) ─► sequences ─► leases over ─► migrations since ─► COMMIT
 */

import { applyAll, LOCK, migrate, readMigrations } from '../migrate.mjs';
import { ArchiveError } from './archive.mjs';
import { connectTo } from './connect.mjs';
import { copyIn } from './copy-rows.mjs';
import { dispatcherMigrations, makeDispatcher } from './dispatcher.mjs';
import { openBackup } from './read-backup.mjs';
import { setAside } from './set-aside.mjs';
import { appliedMigrations, DISPATCHER, exists, foreignTables, ownNames, quoted, quotedColumn, readShape } from './shape.mjs';

/** Where a row is, there is something to lose; a database that was only started has none of these. */
const PRECIOUS = ['public.user', 'public.workspace', 'public.workflow', 'public.run'];
const BOUND = /^(DEFAULT|FOR VALUES FROM \((MINVALUE|'[^'\\]*')\) TO \((MAXVALUE|'[^'\\]*')\))$/;
const OPTION = /^[a-z_.]+=[a-z0-9_.]+$/;

/**
 * Throws an Error of one sentence; then the database is as it was.
 * @param {object} options
 * @param {string} options.url the database is made where the server does not have it
 * @param {string} options.file
 * @param {boolean} options.replace whether former data may go
 * @returns {Promise<{ tables: number, rows: number, migrated: string[], manifest: import('./save.mjs').Manifest, keys: Record<string, string> }>}
 */
export async function loadDatabase({ url, file, replace }) {
  const backup = await openBackup(file);
  try {
    const { manifest, keys } = backup;
    const { known, later } = await plan(manifest, file);
    const client = await connectOrMake(url);
    try {
      await requireAlone(client);
      await client.query('BEGIN');
      await client.query("SET LOCAL lock_timeout = '10s'");
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await clear(client, replace);
      await applyAll(client, known);
      await makeDispatcher(client, 0, manifest.dispatcher);
      await makePartitions(client, manifest.partitions);
      await requireSameTables(client, manifest, file);
      const bringBack = await setAside(
        client,
        manifest.tables.map(({ name }) => name),
      );
      const counts = await loadTables(client, backup);
      await requireWhole(backup, counts, file);
      await bringBack();
      for (const { name, last, called } of manifest.sequences)
        await client.query('SELECT setval($1, $2, $3)', [quoted(name), last, called]);
      // Who drove runs then drives nothing here: the first worker that starts takes them over, as after a crash.
      await client.query(
        `UPDATE worker SET lease_until = now() - interval '1 day', heartbeat_at = now() - interval '1 day' WHERE status = 'alive'`,
      );
      await applyAll(client, later);
      if (manifest.dispatcher > 0) await makeDispatcher(client, manifest.dispatcher);
      await client.query('SELECT journal.ensure_partitions()');
      await client.query('COMMIT');
      // Without it the first hour would run on guesses. A database that cannot is restored all the same.
      await client.query('ANALYZE').catch(() => {});
      const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
      return { tables: counts.size, rows, migrated: later.map(({ name }) => name), manifest, keys };
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw explained(error, file);
    } finally {
      await client.end().catch(() => {});
    }
  } finally {
    await backup.close();
  }
}

/** Which migrations make the backup's schema, and which came since. @param {import('./save.mjs').Manifest} manifest @param {string} file */
async function plan(manifest, file) {
  const here = await readMigrations();
  const names = new Map(here.map((migration) => [migration.name, migration]));
  const newer = manifest.migrations.find(({ name }) => !names.has(name));
  if (newer || manifest.dispatcher > (await dispatcherMigrations()).length) {
    const what = newer ? `has ${newer.name}` : 'needs a newer queue';
    throw new ArchiveError(
      `${file} was made by a newer version of Weftline (${manifest.version}, ${what}); update this one, then restore.`,
    );
  }
  const changed = manifest.migrations.find(({ name, checksum }) => names.get(name)?.checksum !== checksum);
  if (changed)
    throw new ArchiveError(`${file} was made with another migration ${changed.name} than is here; restore it with that version.`);
  const then = new Set(manifest.migrations.map(({ name }) => name));
  return { known: here.filter(({ name }) => then.has(name)), later: here.filter(({ name }) => !then.has(name)) };
}

/** @param {string} url */
async function connectOrMake(url) {
  try {
    return await connectTo(url, 'weftline restore');
  } catch (error) {
    if (!/does not exist/.test(String(error))) throw error;
    await migrate(url);
    return connectTo(url, 'weftline restore');
  }
}

/** @param {import('pg').Client} client */
async function requireAlone(client) {
  const { rows } = await client.query(
    `SELECT coalesce(nullif(application_name, ''), 'a program without a name') || coalesce(' at ' || host(client_addr), '') AS who, count(*)::int AS count
     FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' GROUP BY 1`,
  );
  if (rows.length === 0) return;
  const who = rows.map((row) => (row.count === 1 ? row.who : `${row.who} (${row.count} connections)`)).join(', ');
  throw new Error(`The database is in use by ${who}; stop every web and worker process, then restore.`);
}

/** Takes our former tables away, all of them and nothing else. @param {import('pg').Client} client @param {boolean} replace */
async function clear(client, replace) {
  const foreign = await foreignTables(client);
  if (foreign.length > 0)
    throw new Error(
      `The database also holds tables that are not Weftline's (${foreign.slice(0, 5).join(', ')}); restore into a database of its own.`,
    );
  if (!replace) await requireEmpty(client);
  if ((await appliedMigrations(client)).length === 0 && !(await exists(client, 'public.run'))) return;
  await client.query(`DROP SCHEMA IF EXISTS journal CASCADE; DROP SCHEMA IF EXISTS ${DISPATCHER} CASCADE`);
  for (const name of await ownNames()) await client.query(`DROP TABLE IF EXISTS ${quoted(name)} CASCADE`);
  const { rows } = await client.query(
    `SELECT CASE kind WHEN 'f' THEN 'ROUTINE ' WHEN 's' THEN 'SEQUENCE ' ELSE 'TYPE ' END || name AS what FROM (
       SELECT 'f' AS kind, oid::regprocedure::text AS name, 'pg_proc'::regclass AS class, oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION ALL SELECT 's', oid::regclass::text, 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
       UNION ALL SELECT 't', oid::regtype::text, 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
     ) made WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = made.class AND d.objid = made.oid AND d.deptype IN ('e', 'i'))`,
  );
  for (const { what } of rows) await client.query(`DROP ${what} CASCADE`);
}

/** @param {import('pg').Client} client */
async function requireEmpty(client) {
  for (const table of PRECIOUS) {
    if (!(await exists(client, table))) continue;
    const { rows } = await client.query(`SELECT FROM ${quoted(table)} LIMIT 1`);
    if (rows.length > 0)
      throw new Error('The database is not empty. Back it up, then restore with --replace, which takes the place of everything in it.');
  }
}

/** Exactly those that the backup has, instead of those that a new schema begins with. @param {import('pg').Client} client @param {import('./save.mjs').Manifest['partitions']} wanted */
async function makePartitions(client, wanted) {
  for (const { name } of (await readShape(client)).partitions) await client.query(`DROP TABLE ${quoted(name)}`);
  for (const { name, of, bound, options } of wanted) {
    if (!BOUND.test(bound) || !options.every((option) => OPTION.test(option)))
      throw new Error(`The partition ${name} is not of a known kind.`);
    const storage = options.length > 0 ? ` WITH (${options.join(', ')})` : '';
    await client.query(`CREATE TABLE ${quoted(name)} PARTITION OF ${quoted(of)} ${bound}${storage}`);
  }
}

/** @param {import('pg').Client} client @param {import('./save.mjs').Manifest} manifest @param {string} file */
async function requireSameTables(client, manifest, file) {
  const made = new Map((await readShape(client)).tables.map(({ name, columns }) => [name, [...columns].sort().join()]));
  const fits = manifest.tables.every(({ name, columns }) => made.get(name) === [...columns].sort().join());
  if (!fits || made.size !== manifest.tables.length)
    throw new ArchiveError(`${file} does not fit the schema that its own migrations make; it was changed by hand, or its database was.`);
}

/** @param {import('pg').Client} client @param {Awaited<ReturnType<typeof openBackup>>} backup */
async function loadTables(client, { manifest, chunksOf }) {
  const counts = new Map();
  // What migrations put in is in the backup too, as it was by then.
  await client.query(`TRUNCATE ${manifest.tables.map(({ name }) => quoted(name)).join(', ')}`);
  for (const { name, columns } of manifest.tables) {
    const text = `COPY ${quoted(name)} (${columns.map(quotedColumn).join(', ')}) FROM STDIN`;
    counts.set(name, await copyIn(client, text, chunksOf(name)));
  }
  return counts;
}

/** @param {Awaited<ReturnType<typeof openBackup>>} backup @param {Map<string, number>} counts @param {string} file */
async function requireWhole(backup, counts, file) {
  const { tables } = await backup.finish();
  const wrong = tables.find(({ name, rows }) => counts.get(name) !== rows);
  if (wrong) throw new ArchiveError(`${file} has ${wrong.rows} rows of ${wrong.name} and ${counts.get(wrong.name)} arrived.`);
}

/** @param {unknown} error @param {string} file */
function explained(error, file) {
  if (error instanceof ArchiveError) return error;
  const { code, message = String(error) } = /** @type {{ code?: string, message?: string }} */ (error ?? {});
  // The classes of what a value itself is to blame for.
  if (code && /^(22|23)/.test(code))
    return new ArchiveError(`${file} was changed or damaged after it was made (${message}); take another copy of it.`);
  if (code === '53100' || code === '53200') return new Error(`The database has no room for the backup (${message}); it is as it was.`);
  if (code === '55P03') return new Error('Somebody else uses the database; stop every web and worker process, then restore.');
  if (/Connection terminated/.test(message)) return new Error('The database went away during the restore; it is as it was. Run it again.');
  return error instanceof Error ? error : new Error(message);
}
