// @ts-check
/** Finds a Chromium for the browser tests, or installs one: Debian's package where we may, else the one that npm brings. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Throws an Error of one sentence when there is none and none can be had. @returns {Promise<string>} path of the program */
export async function findBrowser() {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (runs(given)) return given;
    throw new Error(`CHROMIUM_PATH ${given} is not a program; correct it or leave it out.`);
  }
  const found = PLACES.find(runs) ?? installed();
  if (found) return found;
  const { default: chromium } = await import('@sparticuz/chromium');
  const unpacked = await chromium.executablePath();
  if (runs(unpacked)) return unpacked;
  throw new Error('No Chromium was found and none could be installed; install one and set CHROMIUM_PATH.');
}

function installed() {
  if (process.getuid?.() !== 0 || !runs('/usr/bin/apt-get')) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ args) =>
    spawnSync('apt-get', ['-qq', '-y', ...args], { env, stdio: 'ignore', timeout: 180_000 }).status === 0;
  if (!apt(['--no-install-recommends', 'install', 'chromium'])) {
    apt(['update']);
    apt(['--no-install-recommends', 'install', 'chromium']);
  }
  return PLACES.find(runs);
}

/** @param {string} file */
function runs(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
