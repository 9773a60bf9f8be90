// @ts-check
/**
 * Completes package-lock.json: `node scripts/lock-stubs.mjs` after every `npm install`, `--check` in the tests.
 *
 * npm writes no entry for an optional platform package that the registry in use does not offer, and `npm ci` then refuses
 * the lock ("Missing: … from lock file") on every machine. An entry that names its platform is enough: npm skips foreign ones.
 * Addresses are taken out as well, so that the lock works with any registry or mirror.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LOCK = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'windows', 'win', 'aix'];
const PROCESSORS = ['arm64', 'arm', 'armv7', 'x64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32'];

/** @typedef {Record<string, any>} Entry */

/** @param {string} name such as `@next/swc-win32-x64-msvc` @returns {Entry} which machines a package is for, by its name */
export function platformOf(name) {
  const words = name.replace(/^@[^/]+\//, '').split(/[-/]/);
  const system = SYSTEMS.find((word) => words.includes(word));
  const cpu = PROCESSORS.find((word) => words.includes(word));
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : system === 'linux' && words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : null;
  return {
    ...(system ? { os: [system === 'windows' || system === 'win' ? 'win32' : system] } : {}),
    ...(cpu ? { cpu: [cpu === 'armv7' ? 'arm' : cpu] } : {}),
    ...(libc ? { libc: [libc] } : {}),
  };
}

/** @param {Record<string, Entry>} packages the lock's own map @returns {string[]} names that were added */
export function completeLock(packages) {
  const added = [];
  for (const [folder, entry] of Object.entries(packages)) {
    delete entry.resolved;
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (locate(packages, folder, name)) continue;
      const platform = platformOf(name);
      if (!platform.os && !platform.cpu) continue;
      packages[`node_modules/${name}`] = { version: String(version).replace(/^[\^~]/, ''), ...platform, optional: true };
      added.push(name);
    }
  }
  return added;
}

/**
 * Node's own search: the nearest `node_modules` upwards.
 * @param {Record<string, Entry>} packages @param {string} folder @param {string} name @returns {string | undefined}
 */
function locate(packages, folder, name) {
  for (let place = folder; ; place = place.slice(0, place.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    const found = `${place ? `${place}/` : ''}node_modules/${name}`;
    if (packages[found]) return found;
    if (place === '') return undefined;
  }
}

/** @param {Record<string, Entry>} packages sorted as npm sorts */
function sorted(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([one], [other]) => one.localeCompare(other, 'en')));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = readFileSync(LOCK, 'utf8');
  const lock = JSON.parse(text);
  const added = completeLock(lock.packages);
  const result = `${JSON.stringify({ ...lock, packages: sorted(lock.packages) }, null, 2)}\n`;
  if (process.argv.includes('--check')) {
    if (added.length > 0 || text.includes('"resolved":')) {
      console.error('package-lock.json is not complete; run "node scripts/lock-stubs.mjs".');
      process.exitCode = 1;
    }
  } else {
    writeFileSync(LOCK, result);
    console.log(`Added ${added.length} platform packages.`);
  }
}
