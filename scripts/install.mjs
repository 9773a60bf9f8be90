// @ts-check
/**
 * Installs packages when the lock asks for others than are there. Runs on the system's Node, before anything is installed.
 * npm writes `node_modules/.package-lock.json` last of all, so what it lists is complete even after a kill in the middle.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(PROJECT, 'node_modules', '.bin');
const QUIET = ['--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier'];

/** The pinned Node once it is installed, else the one that runs. */
export function pinnedNode() {
  const pinned = join(BIN, process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(pinned) ? pinned : process.execPath;
}

/** This process's environment with the project's tools, the pinned Node first of all, in front. */
export function toolEnvironment() {
  return { ...process.env, PATH: [BIN, ...foreignPath()].join(delimiter), NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' };
}

/** @param {{ development: boolean }} options whether test tools are needed too @returns {boolean} */
export function isInstalled({ development }) {
  try {
    const wanted = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')).packages;
    const present = JSON.parse(readFileSync(join(PROJECT, 'node_modules', '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(([folder, entry]) => {
      if (folder === '' || entry.optional || entry.devOptional || (entry.dev && !development)) return true;
      return present[folder]?.version === entry.version;
    });
  } catch {
    return false;
  }
}

/**
 * Throws an Error of one sentence that carries npm's own words when nothing works.
 * @param {{ development: boolean }} options
 */
export async function install({ development }) {
  const scope = development ? '--include=dev' : '--omit=dev';
  // `npm ci` empties node_modules first, which would take the files from under an instance that runs.
  const fresh = !existsSync(join(PROJECT, 'node_modules', '.package-lock.json'));
  const attempts = [
    ...(fresh && !development ? [installForRunning] : []),
    ...(fresh ? [() => npm(['ci', scope])] : []),
    () => npm(['install', '--no-save', scope]),
  ];
  let complaint = '';
  for (const attempt of attempts) {
    complaint = await attempt();
    if (complaint === '' && isInstalled({ development })) return;
  }
  throw new Error(
    `The packages could not be installed: ${complaint || 'npm left some out'}. Check that npm reaches its registry and run this again.`,
  );
}

/**
 * `npm ci --omit=dev` would bring the test tools all the same, because packages that run name them as optional peers (80 MB).
 * So npm is given the lock without them, in a folder of its own, and what it made is moved here.
 * @returns {Promise<string>} empty, or why it failed
 */
async function installForRunning() {
  const stage = join(PROJECT, '.cache', 'install');
  const modules = join(PROJECT, 'node_modules');
  try {
    rmSync(stage, { recursive: true, force: true });
    mkdirSync(stage, { recursive: true });
    const { devDependencies: _tools, ...wanted } = readJson('package.json');
    const lock = readJson('package-lock.json');
    const { devDependencies: _same, ...root } = lock.packages[''];
    const needed = Object.entries(lock.packages).filter(([folder, entry]) => folder !== '' && !entry.dev && !entry.devOptional);
    writeFileSync(join(stage, 'package.json'), JSON.stringify(wanted));
    writeFileSync(join(stage, 'package-lock.json'), JSON.stringify({ ...lock, packages: Object.fromEntries([['', root], ...needed]) }));
    if (existsSync(join(PROJECT, '.npmrc'))) copyFileSync(join(PROJECT, '.npmrc'), join(stage, '.npmrc'));
    const complaint = await npm(['ci'], stage);
    if (complaint !== '') return complaint;
    rmSync(modules, { recursive: true, force: true });
    renameSync(join(stage, 'node_modules'), modules);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** @param {string} name */
function readJson(name) {
  return JSON.parse(readFileSync(join(PROJECT, name), 'utf8'));
}

/** @param {string[]} args @param {string} cwd @returns {Promise<string>} empty, or why it failed */
function npm(args, cwd = PROJECT) {
  return new Promise((resolve) => {
    // Without our own tools in the path: npm would run on a Node that it is about to replace.
    const env = { ...process.env, PATH: foreignPath().join(delimiter) };
    const windows = process.platform === 'win32';
    const child = spawn(windows ? 'npm.cmd' : 'npm', [...args, ...QUIET], {
      cwd,
      env,
      shell: windows,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (data) => {
      text += data;
    });
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      if (code === 0) return resolve('');
      const lines = text.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim());
      resolve(
        lines
          .filter((line) => line !== '' && !/complete log|^code /.test(line))
          .slice(0, 3)
          .join(' ') || `npm ended with ${signal ?? code}`,
      );
    });
  });
}

function foreignPath() {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '' && !folder.startsWith(join(PROJECT, 'node_modules')));
}
