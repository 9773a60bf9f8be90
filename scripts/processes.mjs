// @ts-check
/**
 * Who started what: a file in the data folder names the launcher and its children, each by pid and start time, so that the
 * next start recognizes what a killed launcher left behind and never touches a stranger that got the same pid.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {{ pid: number, start: string }} Identity
 * @typedef {{ launcher: Identity, parents: Identity[], children: (Identity & { role: string })[], url: string }} LauncherState
 */

/** @param {number} pid @returns {Identity | null} null where nothing alive has the pid; a zombie counts as dead */
export function identify(pid) {
  try {
    const fields = statFields(pid);
    if (fields) return fields[0] === 'Z' || fields[0] === 'X' ? null : { pid, start: fields[19] ?? '' };
    const start = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return start === '' ? null : { pid, start };
  } catch {
    return null;
  }
}

/** @param {Identity} identity */
export function isAlive(identity) {
  return identify(identity.pid)?.start === identity.start;
}

/**
 * The processes between us and npm: when one of them is gone nobody can stop us from the terminal any more.
 * @returns {Identity[]} empty when no npm started us
 */
export function npmParents() {
  const chain = [];
  let pid = process.ppid;
  for (let level = 0; level < 4 && pid > 1; level += 1) {
    const identity = identify(pid);
    if (!identity) break;
    chain.push(identity);
    if (isNpm(pid)) return chain;
    pid = Number(statFields(pid)?.[1] ?? 0);
  }
  const bootstrap = Number(process.env.WEFTLINE_BOOTSTRAP ?? 0);
  return chain.filter((identity) => identity.pid === bootstrap);
}

/** @param {number} pid @returns {string[] | null} the fields of /proc/<pid>/stat from the state on; null without /proc */
function statFields(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    if (process.platform === 'linux') throw error;
    return null;
  }
}

/** @param {number} pid */
function isNpm(pid) {
  try {
    return /(^|[/\0 ])(npm|npm-cli\.js)([\0 ]|$)/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}

/** @param {string} dataDir @returns {LauncherState | null} null too where the file is damaged: it then says nothing about anybody */
export function readState(dataDir) {
  try {
    const state = JSON.parse(readFileSync(stateFile(dataDir), 'utf8'));
    const whole = isIdentity(state.launcher) && state.parents.every(isIdentity) && state.children.every(isIdentity);
    return whole ? { ...state, url: String(state.url) } : null;
  } catch {
    return null;
  }
}

/** @param {unknown} value @returns {value is Identity} */
function isIdentity(value) {
  const { pid, start } = /** @type {Partial<Identity>} */ (value ?? {});
  return Number.isInteger(pid) && Number(pid) > 1 && typeof start === 'string' && start !== '';
}

/** @param {string} dataDir @param {LauncherState} state */
export function writeState(dataDir, state) {
  const file = stateFile(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** @param {string} dataDir */
export function clearState(dataDir) {
  rmSync(stateFile(dataDir), { force: true });
}

/** @param {string} dataDir */
function stateFile(dataDir) {
  return join(dataDir, 'processes.json');
}

/**
 * Ends processes that lead their own groups, politely first.
 * @param {Identity[]} identities @param {{ grace: number }} options milliseconds before the kill
 */
export async function endGroups(identities, { grace }) {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
    const left = identities.filter(isAlive);
    for (const { pid } of left) signalGroup(pid, signal);
    const until = Date.now() + (signal === 'SIGTERM' ? grace : 2_000);
    while (Date.now() < until && left.some(isAlive)) await sleep(10);
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
export function signalGroup(pid, signal) {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // The group is gone, or the system has no groups; the process alone is tried next.
    }
  }
}
