// @ts-check
/**
 * The keys are no part of the database: secrets lie in it sealed, so that a backup alone opens none of them. They go into the
 * file only when asked for, and whoever holds such a file holds the secrets.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What of the data folder a restored instance needs, and the variable that stands for it. */
const KEPT = /** @type {const} */ ({ 'encryption-key': 'WEFTLINE_ENCRYPTION_KEY', 'session-secret': 'WEFTLINE_SECRET' });

/** @typedef {keyof typeof KEPT} KeyName */

/**
 * The keys of this instance; those that are neither set nor kept are left out.
 * @param {import('./open-database.mjs').Place} place @returns {Promise<Partial<Record<KeyName, string>>>}
 */
export async function readKeys({ env, dataDir }) {
  /** @type {Partial<Record<KeyName, string>>} */
  const keys = {};
  for (const name of /** @type {KeyName[]} */ (Object.keys(KEPT))) {
    const text = env[KEPT[name]] ?? (await readFile(join(dataDir, name), 'utf8').catch(() => '')).trim();
    if (text !== '') keys[name] = text;
  }
  return keys;
}

/** The names that values carry which these keys sealed, as in lib/server/seal.ts. @param {string} text keys, by commas */
export function sealNames(text) {
  return text.split(',').map((one) => {
    const key = createHash('sha256').update('weftline.seal\0').update(one.trim()).digest();
    return createHash('sha256').update('weftline.seal.id\0').update(key).digest().subarray(0, 8).toString('hex');
  });
}

/**
 * Puts the keys of a backup into the data folder; another one that was there is kept beside it.
 * @param {import('./open-database.mjs').Place} place @param {Record<string, string>} keys
 * @returns {Promise<string[]>} what a person should know, one sentence each
 */
export async function restoreKeys({ env, dataDir }, keys) {
  const told = [];
  for (const name of /** @type {KeyName[]} */ (Object.keys(KEPT))) {
    const key = keys[name];
    if (!key) continue;
    const set = env[KEPT[name]];
    if (set !== undefined) {
      if (set !== key)
        told.push(`${KEPT[name]} is set to another value than the backup has: set it to the former one, or unset it and restore again.`);
      continue;
    }
    const file = join(dataDir, name);
    const former = (await readFile(file, 'utf8').catch(() => '')).trim();
    if (former === key) continue;
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (former !== '') {
      const aside = `${file}.before-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
      await rename(file, aside);
      told.push(`The ${name} that was in the data folder is now ${aside}.`);
    }
    await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return told;
}
