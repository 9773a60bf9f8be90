import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { ClientTask } from './client-process.ts';

/** A process of the benchmark's own; it says `{ kind: 'ready' }` when it is, and ends when it is told `stop`. */
export interface BenchProcess {
  readonly pid: number;
  /** Where it listens, for servers. */
  readonly port: number;
  ask<Answer>(task: ClientTask): Promise<Answer>;
  /** Lets a worker rest, which takes no runs then, or work again. */
  tell(what: 'rest' | 'work'): Promise<void>;
  stop(): Promise<void>;
}

interface Message {
  readonly kind: 'ready' | 'answer' | 'error';
  readonly port?: number;
  readonly answer?: unknown;
  readonly message?: string;
}

/** For a profile of each process: `BENCH_PROFILE=<folder> npm run bench -- --only api`. */
function profiling(name: string): string[] {
  const folder = process.env.BENCH_PROFILE;
  return folder === undefined || folder === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(folder, name)}`];
}

async function start(file: string, { env = {}, args = [] }: { env?: Record<string, string>; args?: string[] } = {}): Promise<BenchProcess> {
  const child = fork(join(import.meta.dirname, file), {
    env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn', NODE_ENV: 'production', ...env },
    execArgv: [...args, ...profiling(file.replace('-process.ts', ''))],
  });
  const { port = 0 } = await next(child, file);
  return {
    pid: child.pid ?? 0,
    port,
    async ask<Answer>(task: ClientTask) {
      child.send(task);
      return (await next(child, file)).answer as Answer;
    },
    async tell(what) {
      child.send(what);
      await next(child, file);
    },
    async stop() {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.send('stop');
      await gone;
    },
  };
}

function next(child: ChildProcess, file: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`${file} ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message: Message) => {
      child.off('exit', onExit);
      if (message.kind === 'error') reject(new Error(`${file}: ${message.message}`));
      else resolve(message);
    });
  });
}

/** A worker with the arguments of the real one, whose steps of the type `work` do nothing. */
export function startWorkerProcess(): Promise<BenchProcess> {
  return start('worker-process.ts', { args: process.env.BENCH_NODE_ARGS?.split(' ') ?? ['--max-semi-space-size=32'] });
}

/** The API as the web process serves it, without the pages. */
export function startWebProcess(): Promise<BenchProcess> {
  const key = 'bench-key-0123456789-0123456789-abcdef';
  return start('web-process.ts', { env: { WEFTLINE_SECRET: key, WEFTLINE_ENCRYPTION_KEY: key } });
}

/** A server that answers a constant: what HTTP itself costs here. */
export function startBareProcess(kind: 'node' | 'hono'): Promise<BenchProcess> {
  return start('bare-process.ts', { env: { BENCH_BARE: kind } });
}

/** Who calls the servers. */
export function startClientProcess(): Promise<BenchProcess> {
  return start('client-process.ts');
}
