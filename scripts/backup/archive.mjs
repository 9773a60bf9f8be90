// @ts-check
/**
 * The file of a backup: a tar archive, compressed with Zstandard, so that `tar --zstd -xf` opens it without us. It is written
 * beside its name and renamed when it is whole and on the disk.
 *
 *     manifest.json │ keys/… (when asked for) │ data/<table>/00000001.copy … │ checksums.json │ end
 *
 * Entries are small (a table has as many as it needs), so both sides hold one at a time.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';

const BLOCK = 512;
/** More than any entry that we write: chunks, and the description. */
const MOST_BYTES = 2 ** 26;
const MODE = '0000600';

/** A file that is not a whole, unchanged backup. Its message is one sentence for people. */
export class ArchiveError extends Error {}

/**
 * Begins an archive that only its owner may read.
 * @param {string} file must not exist
 */
export async function createArchive(file) {
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } });
  const target = createWriteStream(partial, { flags: 'wx', mode: 0o600 });
  // A folder that is not there is known before a row is read.
  await once(target, 'open');
  const failure = { error: /** @type {Error | null} */ (null) };
  const written = pipeline(zstd, target).catch((error) => {
    failure.error = error;
  });
  const write = async (/** @type {Buffer} */ bytes) => {
    if (failure.error) throw failure.error;
    if (!zstd.write(bytes)) await Promise.race([once(zstd, 'drain'), written]);
    if (failure.error) throw failure.error;
  };
  return {
    /** @param {string} name @param {Buffer} data */
    async add(name, data) {
      await write(header(name, data.length));
      await write(data);
      if (data.length % BLOCK > 0) await write(Buffer.alloc(BLOCK - (data.length % BLOCK)));
    },
    /** @returns {Promise<number>} bytes of the file, which now has its name */
    async close() {
      await write(Buffer.alloc(2 * BLOCK));
      zstd.end();
      await written;
      if (failure.error) throw failure.error;
      await sync(partial);
      await rename(partial, file);
      // So that the name outlives a power cut too.
      await sync(dirname(file)).catch(() => {});
      return target.bytesWritten;
    },
    async abandon() {
      zstd.destroy();
      await written;
      await rm(partial, { force: true });
    },
  };
}

/**
 * The entries of an archive. Throws ArchiveError where the file is none, is cut off, or was changed.
 * @param {string} file
 * @returns {AsyncGenerator<{ name: string, data: Buffer }, void>}
 */
export async function* readArchive(file) {
  const source = createReadStream(file);
  const plain = createZstdDecompress();
  source.on('error', (error) => plain.destroy(error));
  const take = taker(source.pipe(plain));
  let last = '';
  try {
    for (;;) {
      const head = await take(BLOCK);
      if (head === null) throw new ArchiveError(last === '' ? notOne(file) : cutOff(file, last));
      if (head.every((byte) => byte === 0)) break;
      const entry = readHeader(head);
      if (entry === null) throw new ArchiveError(last === '' ? notOne(file) : changed(file, last));
      const data = await take(entry.size + ((BLOCK - (entry.size % BLOCK)) % BLOCK));
      if (data === null) throw new ArchiveError(cutOff(file, entry.name));
      last = entry.name;
      yield { name: entry.name, data: data.subarray(0, entry.size) };
    }
    // To the very end, where the compressed stream has a checksum of its own.
    if ((await take(BLOCK)) === null) throw new ArchiveError(cutOff(file, last));
    if ((await take(1)) !== null) throw new ArchiveError(changed(file, last));
  } catch (error) {
    const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (error instanceof ArchiveError) throw error;
    if (code === 'ENOENT') throw new ArchiveError(`There is no file ${file}.`);
    if (code === 'ZSTD_error_prefix_unknown' && last === '') throw new ArchiveError(notOne(file));
    if (code === 'Z_BUF_ERROR') throw new ArchiveError(last === '' ? notOne(file) : cutOff(file, last));
    if (code.startsWith('ZSTD_')) throw new ArchiveError(changed(file, last));
    throw code === '' ? error : new ArchiveError(`${file} cannot be read (${code}: ${message}).`);
  } finally {
    source.destroy();
    plain.destroy();
  }
}

const notOne = (/** @type {string} */ file) => `${file} is not a backup of Weftline.`;
const cutOff = (/** @type {string} */ file, /** @type {string} */ where) =>
  `${file} is cut off: it ends at ${where}; take another copy of it.`;
const changed = (/** @type {string} */ file, /** @type {string} */ where) =>
  `${file} was changed or damaged after it was made, near ${where || 'its beginning'}; take another copy of it.`;

/** @param {AsyncIterable<Buffer>} stream @returns {(bytes: number) => Promise<Buffer | null>} null when there are not so many any more */
function taker(stream) {
  const iterator = stream[Symbol.asyncIterator]();
  let kept = /** @type {Buffer[]} */ ([]);
  let size = 0;
  return async (bytes) => {
    while (size < bytes) {
      const { value, done } = await iterator.next();
      if (done) return null;
      kept.push(value);
      size += value.length;
    }
    const all = kept.length === 1 ? /** @type {Buffer} */ (kept[0]) : Buffer.concat(kept);
    kept = [all.subarray(bytes)];
    size -= bytes;
    return all.subarray(0, bytes);
  };
}

/** A header of the POSIX ustar format. @param {string} name @param {number} size */
function header(name, size) {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100) throw new Error(`The name ${name} is too long for an archive`);
  block.write(name, 0);
  block.write(MODE, 100);
  block.write('0000000', 108);
  block.write('0000000', 116);
  block.write(size.toString(8).padStart(11, '0'), 124);
  block.write(Math.floor(Date.now() / 1000).toString(8), 136);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** @param {Buffer} block @returns {{ name: string, size: number } | null} null where it is no header */
function readHeader(block) {
  const text = (/** @type {number} */ from, /** @type {number} */ to) => block.toString('utf8', from, to).split('\0', 1)[0] ?? '';
  const size = Number.parseInt(text(124, 136), 8);
  const valid = text(257, 262) === 'ustar' && Number.parseInt(text(148, 156), 8) === sumOf(block) && size >= 0 && size <= MOST_BYTES;
  return valid ? { name: text(0, 100), size } : null;
}

/** The checksum counts its own eight bytes as spaces. @param {Buffer} block */
function sumOf(block) {
  return block.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}

/** @param {string} path of a file or a folder */
async function sync(path) {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
