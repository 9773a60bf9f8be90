// @ts-check
/**
 * The embedded PostgreSQL: makes the cluster, starts it, adopts one that a killed launcher left behind, stops it.
 *
 *              connect answers with our data folder ──────────────────────────────► adopted
 *   start ──►  a live process holds the folder ── it answers in time ────────────► adopted
 *              │                               └─ it never answers: fast stop ──┐
 *              nobody holds it ── lock file left? remove it ── initdb if new ───┴─► started
 *
 * Plain JavaScript for Node 20 without packages at import: the launcher loads it before anything is installed.
 * The server listens on a unix socket in a folder of mode 700 and on nothing else, so the folder is the authentication.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { holds, readLock, removeStaleLocks, stopHolder } from './postgres-holder.mjs';
import { prepareBinaries, serverEnvironment } from './postgres-programs.mjs';

const run = promisify(execFile);
const MAJOR = '18';
const USER = 'weftline';
/** Only part of the socket's file name: nothing listens on TCP. */
const PORT = 5432;
/** `sun_path` holds 107 bytes; the socket file adds 14. */
const MAX_SOCKET_DIR = 90;
const READY_MS = 60_000;
/** How long a live server may stay away from its socket before it is stopped and started anew. */
const SILENT_MS = 5_000;

/** For two cores and a small machine; shared memory is touched only when used. Durability stays PostgreSQL's default. */
const SETTINGS = {
  shared_buffers: '256MB',
  max_connections: '200',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_buffers: '16MB',
  wal_compression: 'pglz',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
  // A statement that waits for a lock ends with the process that sent it. Not to be had on Windows.
  ...(process.platform === 'win32' ? {} : { client_connection_check_interval: '1000' }),
};
/** A throw-away cluster loses everything on a crash and is several times faster to fill. */
const THROW_AWAY = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '300' };

/**
 * @typedef {object} Postgres
 * @property {number} pid process id of the postmaster
 * @property {boolean} adopted whether it ran before
 * @property {string} socketDir
 * @property {(database?: string) => string} url connection string of one of its databases
 * @property {() => boolean} alive
 * @property {(mode?: 'fast' | 'immediate') => Promise<void>} stop
 */

/**
 * Starts or adopts the server of `folder`. Throws an Error of one sentence when it cannot.
 * @param {{ folder: string, database?: string, durable?: boolean, settings?: Record<string, string> }} options
 *   `folder` holds `postgres/` (the cluster), `postgres.log` and, when its path is short enough, `socket/`
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({ folder, database = USER, durable = true, settings = {} }) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const root = realpathSync(folder);
  const dataDir = join(root, 'postgres');
  const socketDir = socketFolder(root);
  const adopted = await adopt(dataDir, socketDir);
  if (adopted) {
    await ensureDatabase(adopted.socketDir, database);
    return handle(adopted.pid, adopted.socketDir, dataDir, database, true);
  }
  const { binaries, launch } = await prepareBinaries(root);
  await initialize(dataDir, binaries, launch);
  await removeStaleLocks(dataDir, join(socketDir, `.s.PGSQL.${PORT}`));
  await mkdir(socketDir, { recursive: true, mode: 0o700 });
  await chmod(socketDir, 0o700);
  if (launch.chown) await chown(socketDir, launch.chown.uid, launch.chown.gid);
  const all = { ...SETTINGS, ...(durable ? {} : THROW_AWAY), ...settings };
  const logFile = join(root, 'postgres.log');
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = [
    '-D',
    dataDir,
    '-k',
    socketDir,
    '-p',
    String(PORT),
    '-c',
    'listen_addresses=',
    '-c',
    'unix_socket_permissions=0700',
    ...flags,
  ];
  const log = openSync(logFile, 'a', 0o600);
  // Detached: a Ctrl-C in the terminal must reach web and worker first, and a killed launcher must not take data with it.
  const child = spawn(...launch.command(join(binaries, 'bin', 'postgres'), args), {
    ...launch.options,
    cwd: launch.chown ? '/' : root,
    detached: true,
    stdio: ['ignore', log, log],
    env: serverEnvironment(),
  });
  child.unref();
  const state = { failed: '' };
  child.once('error', (error) => {
    state.failed = error.message;
  });
  child.once('exit', (code, signal) => {
    state.failed = `it ended with ${signal ?? code}`;
  });
  const until = Date.now() + READY_MS;
  for (;;) {
    const answer = await probe(socketDir, dataDir);
    if (answer.ok) break;
    if (state.failed) throw new Error(`PostgreSQL did not start: ${lastComplaint(logFile) ?? state.failed}; its log is ${logFile}.`);
    if (Date.now() > until) throw new Error(`PostgreSQL did not answer within ${READY_MS / 1000} s; its log is ${logFile}.`);
    await sleep(15);
  }
  child.removeAllListeners();
  await ensureDatabase(socketDir, database);
  return handle(child.pid ?? 0, socketDir, dataDir, database, false);
}

/** The connection string of a database behind a socket folder. @param {string} socketDir @param {string} database */
export function socketUrl(socketDir, database) {
  return `postgresql://${USER}@localhost:${PORT}/${encodeURIComponent(database)}?host=${encodeURIComponent(socketDir)}`;
}

/** @param {string} root @returns {string} a folder whose path leaves room for the socket's name */
function socketFolder(root) {
  const inside = join(root, 'socket');
  if (Buffer.byteLength(inside) <= MAX_SOCKET_DIR) return inside;
  const name = `weftline-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`;
  const short = join(tmpdir(), name);
  return Buffer.byteLength(short) <= MAX_SOCKET_DIR ? short : join('/tmp', name);
}

/**
 * @param {number} pid @param {string} socketDir @param {string} dataDir @param {string} database @param {boolean} adopted
 * @returns {Postgres}
 */
function handle(pid, socketDir, dataDir, database, adopted) {
  return {
    pid,
    adopted,
    socketDir,
    url: (name = database) => socketUrl(socketDir, name),
    alive: () => holds(pid, dataDir),
    stop: (mode = 'fast') => stopHolder(pid, dataDir, mode),
  };
}

/**
 * Finds a server that already serves this folder: asks the socket first, and believes the lock file only about where to ask.
 * @param {string} dataDir @param {string} socketDir
 */
async function adopt(dataDir, socketDir) {
  const started = Date.now();
  for (;;) {
    const lock = readLock(dataDir);
    let busy = false;
    for (const dir of new Set([socketDir, lock?.socketDir].filter((dir) => dir !== undefined && dir !== ''))) {
      const answer = await probe(/** @type {string} */ (dir), dataDir);
      if (answer.ok && lock) return { pid: lock.pid, socketDir: /** @type {string} */ (dir) };
      busy ||= answer.busy;
    }
    if (!lock || !holds(lock.pid, dataDir)) return null;
    const waited = Date.now() - started;
    if (busy ? waited > READY_MS : waited > SILENT_MS) {
      await stopHolder(lock.pid, dataDir, 'fast');
      return null;
    }
    await sleep(50);
  }
}

/**
 * One connection attempt. `busy` means that a server is there and still recovering.
 * @param {string} socketDir @param {string} dataDir
 */
async function probe(socketDir, dataDir) {
  if (!existsSync(join(socketDir, `.s.PGSQL.${PORT}`))) return { ok: false, busy: false };
  try {
    const [row] = await ask(socketDir, 'postgres', "SELECT current_setting('data_directory') AS folder");
    return { ok: row?.folder === dataDir, busy: false };
  } catch (error) {
    const code = /** @type {{ code?: string }} */ (error).code;
    return { ok: false, busy: code === '57P03' || code === '53300' };
  }
}

/** @param {string} socketDir @param {string} database @param {string} text @param {unknown[]} [values] */
async function ask(socketDir, database, text, values) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ host: socketDir, port: PORT, user: USER, database, connectionTimeoutMillis: 3_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** @param {string} socketDir @param {string} database */
async function ensureDatabase(socketDir, database) {
  const found = await ask(socketDir, 'postgres', 'SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (found.length === 0) await ask(socketDir, 'postgres', `CREATE DATABASE "${database.replaceAll('"', '""')}"`);
}

/** @param {string} dataDir @param {string} binaries @param {import('./postgres-programs.mjs').Launch} launch */
async function initialize(dataDir, binaries, launch) {
  const versionFile = join(dataDir, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const version = readFileSync(versionFile, 'utf8').trim();
    if (version === MAJOR) return;
    throw new Error(
      `The database in ${dataDir} was made by PostgreSQL ${version} and this version brings ${MAJOR}; move the folder away or set DATABASE_URL.`,
    );
  }
  if (existsSync(dataDir) && (await readdir(dataDir)).length > 0) {
    throw new Error(`${dataDir} holds files but no database; move it away or set DATA_DIR to another folder.`);
  }
  // Made beside and renamed, so that a kill in the middle never leaves half a cluster under the real name.
  const fresh = `${dataDir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  if (launch.chown) await chown(fresh, launch.chown.uid, launch.chown.gid);
  const args = ['-D', fresh, '-U', USER, '--encoding=UTF8', '--locale=C.UTF-8', '--auth=trust', '--no-instructions', '--no-sync'];
  const [file, all] = launch.command(join(binaries, 'bin', 'initdb'), args);
  try {
    await run(file, all, { ...launch.options, cwd: launch.chown ? '/' : dirname(dataDir), env: serverEnvironment() });
  } catch (error) {
    const text = String(/** @type {{ stderr?: string }} */ (error).stderr || /** @type {Error} */ (error).message)
      .trim()
      .split('\n')
      .at(-1);
    await rm(fresh, { recursive: true, force: true });
    throw new Error(`The database could not be made in ${dataDir}: ${text}.`);
  }
  await rm(dataDir, { recursive: true, force: true });
  await rename(fresh, dataDir);
}

/** @param {string} logFile */
function lastComplaint(logFile) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20);
  return lines.findLast((line) => /FATAL|PANIC|error while loading|not permitted/.test(line))?.replace(/^.*?(FATAL|PANIC):\s*/, '');
}
