import type { ChildProcess } from 'node:child_process';
import { createReadStream, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pool } from '#lib/db/client.ts';
import { type Machine, Network } from './network.ts';

/** A whole Weftline over eight machines: a database, two web processes, four workers, and the world that steps act on. */
export const WEB_PORT = 3000;
const EFFECTS_PORT = 8080;
const PASSWORD = 'trial-password-0123456789';
const API_KEY = 'wl_cluster_0123456789abcdef';
const READY_MS = 60_000;
const PROJECT = join(import.meta.dirname, '..', '..');

/** A machine with the process that it is there for. */
export interface Node {
  readonly machine: Machine;
  readonly role: 'web' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  process: ChildProcess | null;
  /** How its last process ended. */
  ended: { readonly code: number | null; readonly signal: string | null } | null;
}

export interface Installation {
  readonly webs: readonly [Node, Node];
  readonly workers: readonly [Node, Node, Node, Node];
  /** What steps call. */
  readonly effectsUrl: string;
}

/** Makes the machines and starts everything. `DATABASE_URL` of this process is set to the database's unix socket. */
export async function openInstallation(folder: string, say: (text: string) => void): Promise<Installation> {
  const network = await Network.open();
  const [database, effects] = [await network.add('database'), await network.add('effects')];
  const logs = join(folder, 'logs');
  await mkdir(logs, { recursive: true });
  const url = firstLine(database, join(logs, 'database.log'), ['bench/cluster/database.ts', join(folder, 'db'), database.back, PASSWORD]);
  const ready = firstLine(effects, join(logs, 'effects.log'), ['bench/cluster/effects.ts', effects.front, String(EFFECTS_PORT)]);
  process.env.DATABASE_URL = await url;
  await ready;
  say(`  database  PostgreSQL on ${database.back}, with a password`);
  const shared = {
    DATABASE_URL: `postgresql://weftline:${PASSWORD}@${database.back}:5432/weftline`,
    WEFTLINE_SECRET: 'trial-secret-0123456789-0123456789-abcdef',
    WEFTLINE_ENCRYPTION_KEY: 'trial-encryption-key-0123456789-0123456789',
    WEFTLINE_API_KEY: API_KEY,
    WORKFLOW_MAX_CONCURRENT_RUNS: '50',
    EGRESS_ALLOW: '10.78.0.0/24',
    HOST: '0.0.0.0',
    PORT: String(WEB_PORT),
    LOG_LEVEL: 'info',
  };
  const node = async (role: 'web' | 'worker', number: number, more: Record<string, string> = {}): Promise<Node> => {
    const machine = await network.add(`${role}-${number}`);
    const env = { ...shared, WEFTLINE_ORIGIN: `http://${machine.front}:${WEB_PORT}`, ...more };
    return { machine, role, env, log: join(logs, `${machine.name}.log`), process: null, ended: null };
  };
  const webs = [await node('web', 1), await node('web', 2)] as const;
  const workers = [
    await node('worker', 1),
    await node('worker', 2),
    await node('worker', 3, { QUEUES: 'default,third' }),
    await node('worker', 4),
  ] as const;
  await Promise.all([...webs, ...workers].map(startNode));
  for (const { machine } of [...webs, ...workers]) say(`  ${machine.name.padEnd(9)} ${machine.front}, database by ${machine.back}`);
  return { webs, workers, effectsUrl: `http://${effects.front}:${EFFECTS_PORT}` };
}

/** Starts a node's process as `npm run web` and `npm run worker` do, and waits until it works. */
export async function startNode(node: Node): Promise<void> {
  const log = openSync(node.log, 'a');
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NEXT_DIST_DIR: process.env.NEXT_DIST_DIR,
    NODE_ENV: 'production' as const,
    ...node.env,
  };
  const args = [...(node.role === 'worker' ? ['--max-semi-space-size=32'] : []), 'scripts/run.mjs', node.role];
  const child = node.machine.spawn(process.execPath, args, { cwd: PROJECT, env, stdio: ['ignore', log, log] });
  node.process = child;
  node.ended = null;
  child.once('exit', (code, signal) => {
    node.ended = { code, signal };
  });
  const until = Date.now() + READY_MS;
  while (!(await works(node, child))) {
    if (node.ended !== null || Date.now() > until) throw new Error(`${node.machine.name} does not start:\n${await tailOf(node)}`);
    await sleep(50);
  }
}

async function works(node: Node, child: ChildProcess): Promise<boolean> {
  if (node.role === 'worker') return (await workerOf(node, child)) !== null;
  return call(node, 'GET', '/api/health', undefined, 2000).then(
    () => true,
    () => false,
  );
}

/** Uuid of the living worker that a node's process is. */
export async function workerOf({ machine }: Node, child: ChildProcess | null): Promise<string | null> {
  const { rows } = await pool().query<{ id: string }>(`select id from worker where status = 'alive' and name = $1`, [
    `${machine.name}:${child?.pid}`,
  ]);
  return rows[0]?.id ?? null;
}

/** Resolves when a node's process has ended. */
export async function endOf(node: Node, millis: number): Promise<Node['ended']> {
  const until = Date.now() + millis;
  while (node.ended === null && Date.now() < until) await sleep(20);
  return node.ended;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A call of a node's API. Rejects where no answer comes in time. */
export async function call({ machine }: Node, method: string, path: string, body?: unknown, millis = 5000): Promise<Answer> {
  const response = await fetch(`http://${machine.front}:${WEB_PORT}${path}`, {
    method,
    headers: { ...authorization(), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(millis),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

export function authorization(): Record<string, string> {
  return { authorization: `Bearer ${API_KEY}` };
}

/** The last lines of a node's log. */
export async function tailOf({ log }: Node): Promise<string> {
  return (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-8).join('\n');
}

/** Starts a program of the trial and answers the first line that it prints. */
async function firstLine(machine: Machine, log: string, args: readonly string[]): Promise<string> {
  const errors = openSync(log, 'a');
  const child = machine.spawn(process.execPath, args, { cwd: PROJECT, stdio: ['pipe', 'pipe', errors], env: process.env });
  for await (const line of createInterface({ input: child.stdout ?? createReadStream('/dev/null') })) return line;
  throw new Error(`${machine.name} does not start:\n${await readFile(log, 'utf8')}`);
}
