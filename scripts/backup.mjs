// @ts-check
/**
 * `npm run backup`: the database in one file, while the product runs or not.
 *
 *     npm run backup                                  into DATA_DIR/backups, named by the time
 *     npm run backup -- /mnt/safe                     into that folder
 *     npm run backup -- /mnt/safe/weftline.tar.zst    into that file, which must not exist
 *     npm run backup -- --include-keys                with the keys that open its secrets
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onPinnedNode } from './on-pinned-node.mjs';
import { bold, dim, phase, say, yellow } from './output.mjs';
import { PROJECT } from './stamps.mjs';

await onPinnedNode(import.meta.url, async () => {
  const { readPlace, withDatabase } = await import('./backup/open-database.mjs');
  const { saveDatabase } = await import('./backup/save.mjs');
  const { readKeys } = await import('./backup/keys.mjs');
  const { target, withKeys } = readArguments();
  const place = await readPlace();
  const file = await chooseFile(target, join(place.dataDir, 'backups'));
  const keys = await readKeys(place);
  if (withKeys && !keys['encryption-key'])
    throw new Error('There is no encryption key to include: none is set, and the data folder has none.');
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  say(bold('Weftline backup'));
  const saved = await withDatabase(place, { make: false }, (url) =>
    phase('copy the database', () => saveDatabase({ url, file, version, keys: withKeys ? keys : {} })),
  );
  say(`\n  ${bold(file)}`);
  say(dim(`  ${saved.tables} tables, ${saved.rows.toLocaleString('en')} rows, ${size(saved.bytes)}. Keep it on another machine.`));
  if (withKeys) say(yellow('  It holds the keys that open its secrets: keep it as safe as the secrets themselves.\n'));
  else say(yellow(`  ${keysToKeep(place, saved.sealedBy.length > 0)}\n`));
});

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ options: { 'include-keys': { type: 'boolean', default: false } }, allowPositionals: true });
    if (positionals.length > 1) throw new Error('one file or folder at most');
    return { target: positionals[0], withKeys: values['include-keys'] };
  } catch (error) {
    throw new Error(`Use: npm run backup -- [file or folder] [--include-keys] (${/** @type {Error} */ (error).message}).`);
  }
}

/** @param {string | undefined} target @param {string} folder the usual one @returns {Promise<string>} */
async function chooseFile(target, folder) {
  const name = `weftline-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}.tar.zst`;
  if (target === undefined) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return join(folder, name);
  }
  // npm runs in the project's folder, whoever calls it from where.
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), target);
  if (!existsSync(path)) return path;
  if (statSync(path).isDirectory()) return join(path, name);
  throw new Error(`${path} exists; name another file, or the folder to put one into.`);
}

/** @param {import('./backup/open-database.mjs').Place} place @param {boolean} secrets whether there are any */
function keysToKeep({ env, dataDir }, secrets) {
  const where = (/** @type {string | undefined} */ set, /** @type {string} */ variable, /** @type {string} */ name) =>
    set === undefined ? join(dataDir, name) : variable;
  const encryption = where(env.WEFTLINE_ENCRYPTION_KEY, 'WEFTLINE_ENCRYPTION_KEY', 'encryption-key');
  const session = where(env.WEFTLINE_SECRET, 'WEFTLINE_SECRET', 'session-secret');
  const without = secrets ? 'without the first, the secrets in this backup cannot be read' : 'the first opens secrets, once there are any';
  return `Not in it, and to be kept apart from it: ${encryption} and ${session}; ${without}.`;
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
