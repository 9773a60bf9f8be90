import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Json } from '#lib/base/json.ts';

/** Bytes that all files of a step may have together: base64 makes a third more of them, and an output ends at 1 MiB. */
export const MAX_FILES_BYTES = 700 * 1024;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
};

/** A file that the script was to write and that can't be handed on. */
export class FileOutError extends Error {
  override readonly name = 'FileOutError';
  readonly code: 'SCRIPT_FILE_MISSING' | 'SCRIPT_FILES_TOO_LARGE';
  constructor(code: FileOutError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The files that a script left in its folder, by name. Only plain files inside of the folder: a link would let a script
 * read with the worker's rights. Throws FileOutError.
 */
export async function readFilesOut(folder: string, names: readonly string[]): Promise<Record<string, Json>> {
  const base = await realpath(folder);
  const files: Record<string, Json> = {};
  let left = MAX_FILES_BYTES;
  for (const name of names) {
    const bytes = await readPlain(base, name, left);
    if (bytes === null) throw new FileOutError('SCRIPT_FILE_MISSING', `The script left no file '${name}' in its folder`);
    left -= bytes.byteLength;
    if (left < 0) {
      throw new FileOutError(
        'SCRIPT_FILES_TOO_LARGE',
        `The files are larger than the ${MAX_FILES_BYTES / 1024} KiB that a step may pass on`,
      );
    }
    const media_type = MEDIA_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';
    files[name] = { media_type, size: bytes.byteLength, base64: bytes.toString('base64') };
  }
  return files;
}

async function readPlain(base: string, name: string, left: number): Promise<Buffer | null> {
  const path = join(base, name);
  const real = await realpath(path).catch(() => null);
  if (real !== path || !path.startsWith(base + sep)) return null;
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat().then((stat) => (stat.isFile() ? stat : { size: -1 }));
    if (size < 0) return null;
    const buffer = Buffer.alloc(Math.min(size, left + 1));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
