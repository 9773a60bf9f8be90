// @ts-check
/**
 * `npm run restore`: puts a backup in place, in one transaction, and brings it to the present schema.
 *
 *     npm run restore -- weftline.tar.zst              into an empty database
 *     npm run restore -- weftline.tar.zst --replace    in the place of everything that is there
 *     npm run restore -- weftline.tar.zst --check      only reads the file, and says whether it is whole
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onPinnedNode } from './on-pinned-node.mjs';
import { bold, dim, green, phase, say, yellow } from './output.mjs';

await onPinnedNode(import.meta.url, async () => {
  const { readPlace, runningAt, withDatabase } = await import('./backup/open-database.mjs');
  const { verifyBackup } = await import('./backup/read-backup.mjs');
  const { file, replace, check } = readArguments();
  say(bold('Weftline restore'));
  if (check) {
    const { manifest, tables, rows } = await phase('read the file', () => verifyBackup(file));
    say(`\n  ${green('The backup is whole:')} ${toldOf(manifest)}, ${tables} tables, ${rows.toLocaleString('en')} rows.\n`);
    return;
  }
  const { loadDatabase } = await import('./backup/load.mjs');
  const { restoreKeys } = await import('./backup/keys.mjs');
  const place = await readPlace();
  const running = runningAt(place.dataDir);
  if (running !== null) throw new Error(`Weftline runs on this data folder at ${running}; stop it with Ctrl-C, then restore.`);
  // Before a server is started and a database made for a file that is none.
  await phase('read the file', () => verifyBackup(file));
  const loaded = await withDatabase(place, { make: true }, (url) =>
    phase('restore the database', () => loadDatabase({ url, file, replace })),
  );
  const told = await restoreKeys(place, loaded.keys);
  const missing = await missingKeys(place, loaded.manifest);
  say(`\n  ${green('Restored')} ${toldOf(loaded.manifest)}`);
  say(dim(`  ${loaded.tables} tables, ${loaded.rows.toLocaleString('en')} rows.`));
  if (loaded.migrated.length > 0) say(dim(`  Brought to this version by ${loaded.migrated.join(', ')}.`));
  for (const sentence of [...told, ...missing]) say(yellow(`  ${sentence}`));
  say('  Start with npm start; runs that were under way or waiting go on.\n');
});

/** @returns {{ file: string, replace: boolean, check: boolean }} */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { replace: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new Error('exactly one file');
    return { file: resolve(process.env.INIT_CWD ?? process.cwd(), file), replace: values.replace, check: values.check };
  } catch (error) {
    throw new Error(`Use: npm run restore -- <file> [--replace | --check] (${/** @type {Error} */ (error).message}).`);
  }
}

/** @param {import('./backup/save.mjs').Manifest} manifest */
function toldOf({ made_at, version }) {
  return `made ${made_at.replace('T', ' ').replace('Z', ' UTC')} by Weftline ${version}`;
}

/** @param {import('./backup/open-database.mjs').Place} place @param {import('./backup/save.mjs').Manifest} manifest */
async function missingKeys(place, manifest) {
  const { readKeys, sealNames } = await import('./backup/keys.mjs');
  const key = (await readKeys(place))['encryption-key'];
  const known = new Set(key ? sealNames(key) : []);
  if (manifest.sealed_by.every((name) => known.has(name))) return [];
  return [
    `Its secrets were sealed with a key that is not here: put the former encryption-key into ${place.dataDir} (or WEFTLINE_ENCRYPTION_KEY) before you start, or set the secrets again.`,
  ];
}
