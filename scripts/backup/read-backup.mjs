// @ts-check
/** Reads a backup in its order and holds every byte against the checksums at its end. */
import { createHash } from 'node:crypto';
import { ArchiveError, readArchive } from './archive.mjs';
import { CHECKSUMS, FORMAT, KEYS, MANIFEST, sha256 } from './save.mjs';

/** The most that a description may have; rows come in chunks of their own. */
const MOST_TEXT_BYTES = 50_000_000;

/**
 * Opens a backup and reads what it says of itself. The caller takes the tables in the manifest's order, each to its end, then
 * calls `finish`: only a backup that got through that is whole.
 * @param {string} file
 */
export async function openBackup(file) {
  const entries = readArchive(file);
  const damaged = (/** @type {string} */ where) =>
    new ArchiveError(`${file} was changed or damaged after it was made: ${where}; take another copy of it.`);
  let entry = await nextEntry();
  const text = entry?.name === MANIFEST && entry.data.length < MOST_TEXT_BYTES ? entry.data : null;
  const manifest = text && readManifest(text);
  if (!text || !manifest) {
    await close();
    throw new ArchiveError(`${file} is not a backup of Weftline.`);
  }
  if (manifest.format > FORMAT) {
    await close();
    throw new ArchiveError(`${file} was made by a newer version of Weftline (${manifest.version}); update this one, then restore.`);
  }
  /** @type {Record<string, string>} */
  const keys = {};
  entry = await nextEntry();
  while (entry?.name.startsWith(KEYS)) {
    keys[entry.name.slice(KEYS.length)] = entry.data.toString('utf8');
    entry = await nextEntry();
  }
  /** @type {import('./save.mjs').Checksums['tables']} */
  const seen = [];

  async function nextEntry() {
    const { value, done } = await entries.next();
    return done ? null : value;
  }

  async function close() {
    await entries.return();
  }

  /** The chunks of one table. @param {string} name */
  async function* chunksOf(name) {
    const prefix = `data/${name}/`;
    const hash = createHash('sha256');
    let bytes = 0;
    while (entry?.name.startsWith(prefix)) {
      hash.update(entry.data);
      bytes += entry.data.length;
      yield entry.data;
      entry = await nextEntry();
    }
    seen.push({ name, rows: 0, bytes, sha256: hash.digest('hex') });
  }

  /** Throws ArchiveError unless everything that was read is what was written. @returns {Promise<import('./save.mjs').Checksums>} */
  async function finish() {
    if (entry?.name !== CHECKSUMS) throw damaged(`${entry?.name ?? 'its end'} does not belong where it stands`);
    const sums = readChecksums(entry.data);
    if (!sums) throw damaged('its checksums cannot be read');
    if ((await nextEntry()) !== null) throw damaged('it goes on after its end');
    if (sums.manifest !== sha256(/** @type {Buffer} */ (text))) throw damaged('its description is another than when it was made');
    for (const [name, key] of Object.entries(keys)) if (sums.keys[name] !== sha256(key)) throw damaged(`the key ${name} is another`);
    for (const [index, table] of seen.entries()) {
      const sum = sums.tables[index];
      if (sum?.name !== table.name || sum.bytes !== table.bytes || sum.sha256 !== table.sha256)
        throw damaged(`table ${table.name} has another checksum`);
    }
    if (sums.tables.length !== seen.length) throw damaged('it has fewer tables than when it was made');
    return sums;
  }

  return { manifest, keys, chunksOf, finish, close };
}

/** @param {Buffer} text @returns {import('./save.mjs').Manifest | null} */
function readManifest(text) {
  try {
    const value = JSON.parse(text.toString('utf8'));
    const lists = ['migrations', 'tables', 'partitions', 'sequences', 'sealed_by'];
    // A newer format is for its own version to understand; of ours the lists are there.
    const whole = value.format > FORMAT || lists.every((name) => Array.isArray(value[name]));
    return value.product === 'weftline' && Number.isInteger(value.format) && whole ? value : null;
  } catch {
    return null;
  }
}

/** @param {Buffer} text @returns {import('./save.mjs').Checksums | null} */
function readChecksums(text) {
  try {
    const value = JSON.parse(text.toString('utf8'));
    return Array.isArray(value.tables) && typeof value.manifest === 'string' && typeof value.keys === 'object' ? value : null;
  } catch {
    return null;
  }
}

/**
 * Reads a backup to its end without touching a database. Throws ArchiveError unless it is whole.
 * @param {string} file
 */
export async function verifyBackup(file) {
  const backup = await openBackup(file);
  try {
    for (const { name } of backup.manifest.tables) for await (const _ of backup.chunksOf(name));
    const { tables } = await backup.finish();
    return { manifest: backup.manifest, rows: tables.reduce((sum, table) => sum + table.rows, 0), tables: tables.length };
  } finally {
    await backup.close();
  }
}
