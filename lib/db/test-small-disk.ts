import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '#lib/base/test-end.ts';
import { migrate } from '#scripts/migrate.mjs';

/** A PostgreSQL whose whole folder lies on a small disk, kept up as the supervisor does. */
export interface SmallDisk {
  readonly url: string;
  /** What the supervisor would have said. */
  readonly complaints: readonly string[];
  /** A new file on the disk; the caller closes it. */
  open(name: string): number;
  /** Takes all room there is. */
  fill(): void;
  /** Gives it back. */
  makeRoom(): void;
}

/** Why this machine allows no file system of one's own, or null where it does. */
export function smallDiskForbidden(): string | null {
  const { status, stderr, error } = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { encoding: 'utf8' });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}

/** Starts and migrates it; `DATABASE_URL` is set to it. Gone after the file's last test, disk and all. */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  // So long a name that the socket finds no room below it: it must lie where the test sees it, outside of that disk.
  const folder = mkdtempSync(join(tmpdir(), `weftline-small-disk-${'x'.repeat(70)}-`));
  mkdirSync(folder, { recursive: true });
  const script = `mount -t tmpfs -o size=${megabytes}m,mode=700 tmpfs "$0" && exec "$1" "$2" "$0"`;
  const program = join(import.meta.dirname, 'test-small-disk-process.ts');
  const child = spawn('unshare', ['-m', 'sh', '-c', script, folder, process.execPath, program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const complaints: string[] = [];
  const ready = await new Promise<{ url: string; socketDir: string }>((resolve, reject) => {
    child.on('message', (message: { url: string; socketDir: string } | { complaint: string }) => {
      if ('complaint' in message) complaints.push(message.complaint);
      else resolve(message);
    });
    child.once('exit', (code) => reject(new Error(`The database on a small disk ended with ${code}`)));
  });
  atEnd(async () => {
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
    for (const left of [folder, ready.socketDir]) rmSync(left, { recursive: true, force: true });
  });
  await migrate(ready.url);
  process.env.DATABASE_URL = ready.url;
  // The same folder as that process sees it.
  const inside = `/proc/${child.pid}/root${folder}`;
  return {
    url: ready.url,
    complaints,
    open: (name) => openSync(join(inside, name), 'a'),
    fill() {
      const file = openSync(join(inside, 'filler'), 'a');
      try {
        for (const size of [1_000_000, 4096]) fillWith(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
    },
    makeRoom: () => rmSync(join(inside, 'filler')),
  };
}

function fillWith(file: number, piece: Buffer): void {
  try {
    for (;;) writeSync(file, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
