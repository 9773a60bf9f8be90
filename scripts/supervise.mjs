// @ts-check
/**
 * Keeps one child process alive: starts it in a group of its own (a Ctrl-C in the terminal must not reach it before we
 * decide the order), writes its output to a log file, starts it again after a death that nobody asked for.
 *
 *   started ── dies ──► waits (0.2 s, doubling to 10 s; short again after 30 s of life) ──► started
 *      └── stop() ──► TERM, then KILL after the grace ──► stopped
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { endGroups, identify, signalGroup } from './processes.mjs';
import { PROJECT } from './stamps.mjs';

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;
const SETTLED_MS = 30_000;
const LOG_LIMIT_BYTES = 20_000_000;

/** @typedef {ReturnType<typeof supervise>} Supervised */

/**
 * @param {object} options
 * @param {string} options.role for people: `web`, `worker`
 * @param {string[]} options.args of the pinned Node
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string | null} options.logFile null: the terminal
 * @param {() => void} options.changed called whenever the process id changed
 * @param {(text: string) => void} options.complain told of every unexpected death
 */
export function supervise({ role, args, env, logFile, changed, complain }) {
  let current = /** @type {import('./processes.mjs').Identity | null} */ (null);
  let stopping = false;
  let restarting = false;
  let delay = FIRST_DELAY_MS;
  let deaths = 0;
  let timer = /** @type {NodeJS.Timeout | undefined} */ (undefined);

  function start() {
    const log = logFile === null ? null : openLog(logFile);
    const born = Date.now();
    const child = spawn(process.execPath, args, {
      cwd: PROJECT,
      env,
      detached: true,
      stdio: ['ignore', log ?? 'inherit', log ?? 'inherit'],
    });
    if (log !== null) closeSync(log);
    current = child.pid === undefined ? null : identify(child.pid);
    changed();
    let ended = false;
    const end = (/** @type {string} */ how) => {
      if (ended) return;
      ended = true;
      current = null;
      endRest(child.pid);
      changed();
      if (stopping) return;
      if (restarting) {
        restarting = false;
        start();
        return;
      }
      deaths += 1;
      delay = Date.now() - born > SETTLED_MS ? FIRST_DELAY_MS : Math.min(delay * 2, LONGEST_DELAY_MS);
      complain(`The ${role} process ended with ${how}${reason()}; it starts again.`);
      timer = setTimeout(start, delay);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(String(signal ?? code)));
  }

  /** What the process said last, for the sentence about its death. */
  function reason() {
    if (logFile === null || !existsSync(logFile)) return '';
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-30);
    const told = lines.map(messageOf).findLast((text) => text !== '');
    return told ? ` (${told})` : '';
  }

  start();
  return {
    role,
    identity: () => current,
    deaths: () => deaths,
    reason,
    /** For changed sources: the old process leaves politely and the new one follows at once. */
    restart() {
      if (stopping || !current) return;
      restarting = true;
      void endGroups([current], { grace: 3_000 });
    },
    /** @param {number} grace milliseconds */
    async stop(grace) {
      stopping = true;
      clearTimeout(timer);
      if (current) await endGroups([current], { grace });
    },
    kill() {
      stopping = true;
      clearTimeout(timer);
      if (current) signalGroup(current.pid, 'SIGKILL');
    },
  };
}

/** What a process that died left of its group (an expression that never ends, say). @param {number | undefined} pid */
function endRest(pid) {
  if (pid === undefined) return;
  try {
    // The group alone: the bare number may be somebody else's by now.
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody was left.
  }
}

/** @param {string} file */
function openLog(file) {
  try {
    if (existsSync(file) && statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
    return openSync(file, 'a', 0o600);
  } catch {
    // A full disk may have no room for the name even; a process without a log is better than none.
    return openSync('/dev/null', 'a');
  }
}

/** @param {string} line of a log @returns {string} its message when it reports an error */
function messageOf(line) {
  try {
    const { level, message, error } = JSON.parse(line);
    return level === 'error' ? [message, error].filter(Boolean).join(': ') : '';
  } catch {
    return /^\w*Error\b/.test(line) ? line : '';
  }
}
