import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolEnvironment } from '#scripts/install.mjs';
import { PROJECT } from '#scripts/stamps.mjs';
import type { Group } from './group.ts';
import { memoryOfTree, type ProcessMemory } from './process-memory.ts';
import type { Sample } from './rows.ts';

/** After the start: caches are filled, first timers have fired. */
const IDLE_MS = 10_000;
const READY_MS = 300_000;

/** The product as a person starts it, with data of its own: `npm start`, looked at while nothing happens, ended by Ctrl-C. */
export const instance: Group = {
  name: 'instance',
  title: 'npm start: memory, start and stop',
  async round() {
    const dataDir = await mkdtemp(join(tmpdir(), 'weftline-bench-'));
    try {
      // The first start makes the database and builds the pages if they are stale.
      await (await startInstance({ folder: PROJECT, dataDir })).stop();
      const again = await startInstance({ folder: PROJECT, dataDir });
      await sleep(IDLE_MS);
      const memory = memorySamples(memoryOfTree(again.pid));
      const stopped = await again.stop();
      return [...memory, { row: 'start.second', value: again.seconds }, { row: 'start.stop', value: stopped }];
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

/** A clean clone, an empty npm cache, the network: only where it is asked for by name. */
export const coldStart: Group = {
  name: 'cold',
  title: 'npm start of a clean clone',
  async round() {
    const folder = await mkdtemp(join(tmpdir(), 'weftline-cold-'));
    try {
      const clone = spawn('git', ['clone', '--quiet', '--no-hardlinks', PROJECT, join(folder, 'clone')], { stdio: 'inherit' });
      const [code] = (await once(clone, 'exit')) as [number];
      if (code !== 0) throw new Error(`git clone ended with ${code}`);
      const env = { npm_config_cache: join(folder, 'npm-cache') };
      const cold = await startInstance({ folder: join(folder, 'clone'), dataDir: join(folder, 'data'), env });
      await cold.stop();
      return [{ row: 'start.cold', value: cold.seconds }];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Instance {
  readonly pid: number;
  /** From the command to the first page. */
  readonly seconds: number;
  /** Ctrl-C; answers how many seconds it took. */
  stop(): Promise<number>;
}

async function startInstance({
  folder,
  dataDir,
  env = {},
}: {
  folder: string;
  dataDir: string;
  env?: Record<string, string>;
}): Promise<Instance> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  // Nothing that configures an instance of the person who measures reaches this one.
  const inherited = Object.fromEntries(
    Object.entries(toolEnvironment()).filter(([name]) => name !== 'DATABASE_URL' && !/^(WEFTLINE_|npm_)/i.test(name)),
  );
  const began = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...inherited, NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dataDir, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A terminal's Ctrl-C reaches the whole group.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  process.once('exit', () => signal(child, 'SIGTERM'));
  const until = Date.now() + READY_MS;
  while (!(await hasPage(origin))) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`);
    if (Date.now() > until) {
      signal(child, 'SIGINT');
      throw new Error(`There was no page after ${READY_MS / 1000} s:\n${output}`);
    }
    await sleep(20);
  }
  const seconds = (performance.now() - began) / 1000;
  return {
    pid: child.pid ?? 0,
    seconds,
    async stop() {
      const asked = performance.now();
      signal(child, 'SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
      return (performance.now() - asked) / 1000;
    },
  };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended by itself.
  }
}

/** A whole page, after whatever it leads to, from a worker that is there too. */
async function hasPage(origin: string): Promise<boolean> {
  try {
    const response = await fetch(origin, { signal: AbortSignal.timeout(5000) });
    const text = await response.text();
    return response.ok && text.includes('</html>');
  } catch {
    return false;
  }
}

function memorySamples(processes: readonly ProcessMemory[]): Sample[] {
  const part = (matches: (command: string) => boolean): number =>
    processes.filter(({ command }) => matches(command)).reduce((sum, { bytes }) => sum + bytes, 0) / 1_000_000;
  const web = part((command) => command.includes('server/main.ts'));
  const worker = part((command) => command.includes('worker/main.ts'));
  const database = part((command) => /\bpostgres\b/.test(command));
  const all = part(() => true);
  if (web === 0 || worker === 0 || database === 0) throw new Error('A process of the instance was not found');
  return [
    { row: 'memory.idle', value: web + worker + database },
    { row: 'memory.web', value: web },
    { row: 'memory.worker', value: worker },
    { row: 'memory.database', value: database },
    { row: 'memory.launcher', value: all - web - worker - database },
  ];
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port');
  return address.port;
}
