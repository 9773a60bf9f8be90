// @ts-check
/** Who holds a database folder: PostgreSQL's lock files, and whether anyone alive stands behind them. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_MS = 15_000;

/** @param {string} dataDir @returns {{ pid: number, socketDir: string } | null} what postmaster.pid says */
export function readLock(dataDir) {
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
export function holds(pid, dataDir) {
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
 * @param {string} dataDir @param {string} socket this cluster's own, so its lock goes with the folder's
 */
export async function removeStaleLocks(dataDir, socket) {
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
export async function stopHolder(pid, dataDir, mode) {
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
