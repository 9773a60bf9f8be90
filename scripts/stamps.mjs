// @ts-check
/** Remembers of which sources something was made, so that nothing is made twice. Stamps live with the installed packages. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMPS = join(PROJECT, 'node_modules', '.cache', 'weftline');

/**
 * SHA-256 over names and contents of files and, deeply, folders; a missing one counts as absent.
 * @param {string[]} paths relative to the project
 * @param {{ skip?: (path: string) => boolean }} [options]
 */
export async function hashOf(paths, { skip = () => false } = {}) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of await filesUnder(path, skip)) {
      const content = await readFile(join(PROJECT, file)).catch(() => null);
      hash.update(`${file}\0${content === null ? 'absent' : content.length}\0`);
      if (content !== null) hash.update(content);
    }
  }
  return hash.digest('hex');
}

/** @param {string} path @param {(path: string) => boolean} skip @returns {Promise<string[]>} sorted */
async function filesUnder(path, skip) {
  const entries = await readdir(join(PROJECT, path), { withFileTypes: true }).catch(() => null);
  if (entries === null) return [path];
  const files = [];
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const inner = `${path}/${entry.name}`;
    if (skip(inner)) continue;
    if (entry.isDirectory()) files.push(...(await filesUnder(inner, skip)));
    else files.push(inner);
  }
  return files;
}

/** @param {string} name @returns {Promise<string | null>} */
export async function readStamp(name) {
  return readFile(join(STAMPS, name), 'utf8').catch(() => null);
}

/** @param {string} name @param {string} hash */
export async function writeStamp(name, hash) {
  await mkdir(STAMPS, { recursive: true });
  const file = join(STAMPS, name);
  await writeFile(`${file}.${process.pid}`, hash);
  await rename(`${file}.${process.pid}`, file);
}
