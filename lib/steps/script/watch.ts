import { type Dirent, promises as fs } from 'node:fs';
import { join } from 'node:path';

/** What a script may take of the machine beside time and memory. */
export interface WatchLimits {
  /** Processes and threads of its group. */
  readonly processes: number;
  /** Bytes in its folder. */
  readonly diskBytes: number;
}

export type Excess = 'processes' | 'disk';

/** Milliseconds between two looks. */
const EVERY = 100;
/** A close look is taken only when the machine as a whole has this many more threads, or this many bytes less, than before. */
const MORE_THREADS = 64;
const LESS_BYTES = 8 * 1024 * 1024;
/** One look of so many is a close one in any case: what others end or delete meanwhile hides what the script begins. */
const CLOSE_EVERY = 10;
/** A folder with more entries than this is full, whatever they hold. */
const MAX_ENTRIES = 100_000;

/**
 * Looks after a running script and tells once when it takes more than it may. It reads one number of the kernel each time
 * and counts only when that has grown, and once a second, so that a quiet script costs next to nothing. Where the kernel
 * tells nothing (no /proc), only the folder is watched.
 */
export function watchScript(pid: number, folder: string, limits: WatchLimits, onExcess: (what: Excess) => void): { stop(): void } {
  let stopped = false;
  let calmThreads: number | null = null;
  let calmFree: number | null = null;
  let looks = 0;

  async function look(): Promise<Excess | null> {
    looks++;
    const close = looks % CLOSE_EVERY === 0;
    const threads = await threadsOfMachine();
    calmThreads ??= threads;
    if (threads !== null && calmThreads !== null && (close || threads > calmThreads + MORE_THREADS)) {
      if ((await sizeOfGroup(pid)) > limits.processes) return 'processes';
    }
    const free = await freeBytes(folder);
    calmFree ??= free;
    if (close || free === null || calmFree === null || free < calmFree - Math.min(LESS_BYTES, limits.diskBytes / 2)) {
      if ((await bytesIn(folder, limits.diskBytes)) > limits.diskBytes) return 'disk';
    }
    return null;
  }

  async function go(): Promise<void> {
    while (!stopped) {
      const excess = await look();
      if (stopped) return;
      if (excess !== null) {
        onExcess(excess);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY).unref());
    }
  }
  void go();
  return {
    stop: () => {
      stopped = true;
    },
  };
}

/** The last number of the fourth field of /proc/loadavg: all threads there are. */
async function threadsOfMachine(): Promise<number | null> {
  const text = await fs.readFile('/proc/loadavg', 'utf8').catch(() => '');
  const found = /\d+\/(\d+)/.exec(text);
  return found ? Number(found[1]) : null;
}

/** Threads of the processes in a group. */
async function sizeOfGroup(group: number): Promise<number> {
  let size = 0;
  for (const name of await fs.readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const text = await fs.readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // After the name in parentheses: state, parent, group … and the number of threads as the 18th.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[2]) === group) size += Math.max(1, Number(fields[17]));
  }
  return size;
}

async function freeBytes(folder: string): Promise<number | null> {
  const found = await fs.statfs(folder).catch(() => null);
  return found === null ? null : found.bavail * found.bsize;
}

/** Bytes that a folder takes on the disk; counting stops above the limit. */
async function bytesIn(folder: string, limit: number): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const open = [folder];
  for (let at = open.pop(); at !== undefined && bytes <= limit; at = open.pop()) {
    const found: Dirent[] = await fs.readdir(at, { withFileTypes: true }).catch(() => []);
    entries += found.length;
    if (entries > MAX_ENTRIES) return Number.POSITIVE_INFINITY;
    for (const entry of found) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) open.push(path);
      else bytes += ((await fs.lstat(path).catch(() => null))?.blocks ?? 0) * 512;
    }
  }
  return bytes;
}
