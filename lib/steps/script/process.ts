import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Excess, type WatchLimits, watchScript } from './watch.ts';

/**
 * One process with its own group, bounded in what it prints and always gone at the end: on abort the group gets SIGTERM,
 * after a grace time SIGKILL, and whatever it left behind in the background is killed too, a session of its own included.
 */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly limits: WatchLimits;
  readonly signal: AbortSignal;
  /** Bytes of stdout; a process that prints more is ended. */
  readonly maxStdout: number;
  /** Bytes of stderr that are read; the rest is dropped. */
  readonly maxStderr: number;
  onStderr(chunk: Uint8Array): void;
}

export interface ProcessResult {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signalName: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stdoutTooLarge: boolean;
  readonly stderrCut: boolean;
  /** It was ended because it took more than its limits. */
  readonly excess: Excess | null;
}

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 2_000;
/** How often strays are looked for before it is given up. */
const MAX_ROUNDS = 50;
/** Milliseconds that pipes may stay open after the process has ended, held by one it left behind. */
const LEFT_BEHIND = 200;

/** Runs it to its end. Rejects when it cannot be started (ENOENT and the like). */
export async function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    // Next declares NODE_ENV as always there; here the environment is exactly what is given.
    env: { ...options.env } as NodeJS.ProcessEnv,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise<{ code: number | null; signalName: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signalName) => resolve({ code, signalName }));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // A script may end without reading its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin);

  const chunks: Buffer[] = [];
  let size = 0;
  let stdoutTooLarge = false;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size <= options.maxStdout) {
      chunks.push(chunk);
    } else if (!stdoutTooLarge) {
      stdoutTooLarge = true;
      signalGroup(child, 'SIGKILL');
    }
  });
  let stderrLeft = options.maxStderr;
  let stderrCut = false;
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderrLeft > 0) options.onStderr(chunk.subarray(0, stderrLeft));
    stderrCut ||= chunk.byteLength > stderrLeft;
    stderrLeft = Math.max(0, stderrLeft - chunk.byteLength);
  });

  let excess: Excess | null = null;
  const watch = watchScript(child.pid ?? 0, options.cwd, options.limits, (what) => {
    excess = what;
    signalGroup(child, 'SIGKILL');
  });

  let killer: NodeJS.Timeout | null = null;
  const stop = (): void => {
    signalGroup(child, 'SIGTERM');
    killer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE);
  };
  if (options.signal.aborted) stop();
  else options.signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = await exited;
    await Promise.race([closed, delay(LEFT_BEHIND, undefined, { ref: false })]);
    return { ...ended, stdout: Buffer.concat(chunks), stdoutTooLarge, stderrCut, excess };
  } finally {
    watch.stop();
    options.signal.removeEventListener('abort', stop);
    if (killer) clearTimeout(killer);
    signalGroup(child, 'SIGKILL');
    // One that multiplies may have had a child while the others were looked for.
    for (let round = 0; round < MAX_ROUNDS && (await killStrays(options.cwd)) > 0; round += 1) signalGroup(child, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/**
 * Kills what left the group (`setsid`): it still has the folder, which nobody else has, in its environment or stands in it.
 * Without /proc there is no telling. Answers how many there were.
 */
async function killStrays(folder: string): Promise<number> {
  const names = await readdir('/proc').catch(() => []);
  const strays = names.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const killed = await Promise.all(
    strays.map(async (name) => {
      const [standsIn, environment] = await Promise.all([
        readlink(`/proc/${name}/cwd`).catch(() => ''),
        readFile(`/proc/${name}/environ`, 'utf8').catch(() => ''),
      ]);
      if (standsIn !== folder && !environment.split('\0').includes(`HOME=${folder}`)) return false;
      try {
        return process.kill(Number(name), 'SIGKILL');
      } catch {
        // It ended in the meantime.
        return false;
      }
    }),
  );
  return killed.filter(Boolean).length;
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group is gone already.
  }
}
