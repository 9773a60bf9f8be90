import type { ChildProcess } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll } from 'vitest';
import type { JsonObject } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { startWorkerProcess } from './test-processes.ts';
import { until, uuidOf } from './test-runs.ts';

/** A server that counts what really happens, and worker processes to be hurt. */
export class Faults {
  url = '';
  origin = '';
  /** Every request, in order: its path and `Idempotency-Key`. */
  readonly asked: { readonly path: string; readonly key: string }[] = [];
  /** Requests of these paths are not answered before `letGo`. */
  holds: (path: string) => boolean = () => false;
  /** What is answered to a path, after it was asked so many times. */
  answer: (path: string, times: number) => JsonObject = () => ({ ok: true });
  readonly held: { readonly path: string; readonly response: ServerResponse }[] = [];
  readonly children: ChildProcess[] = [];

  times(path: string): number {
    return this.asked.filter((one) => one.path === path).length;
  }

  keysOf(path: string): string[] {
    return [...new Set(this.asked.filter((one) => one.path === path).map((one) => one.key))];
  }

  /** Answers what is held and holds nothing more. */
  letGo(): void {
    this.holds = () => false;
    for (const { path, response } of this.held.splice(0)) response.end(JSON.stringify(this.answer(path, this.times(path))));
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
    const child = await startWorkerProcess(this.url, { WORKER_LEASE_MS: '1000', LOG_LEVEL: 'silent', ...env });
    this.children.push(child);
    return child;
  }

  /** A worker whose steps do what the server says. */
  async startOdd(env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
    const child = await startWorkerProcess(this.url, { WORKER_LEASE_MS: '1000', LOG_LEVEL: 'silent', ...env }, 'test-fault-process.ts');
    this.children.push(child);
    return child;
  }

  /** An `http_request` to `/<id>/<run>`. */
  call(id: string, after: string[] = [], more: Partial<Step> = {}): Partial<Step> & { id: string } {
    const config = { method: 'POST', url: `${this.origin}/${id}/{{ run.id }}` };
    return { id, type: 'http_request', depends_on: after, config, ...more };
  }
}

/** Gives a test file a database and a server of its own. */
export function freshFaults(): Faults {
  const faults = new Faults();
  beforeAll(async () => {
    faults.url = (await freshDatabase()).url;
    const server = createServer((request, response) => {
      request.resume();
      const path = request.url ?? '';
      faults.asked.push({ path, key: String(request.headers['idempotency-key']) });
      response.setHeader('content-type', 'application/json');
      if (faults.holds(path)) faults.held.push({ path, response });
      else response.end(JSON.stringify(faults.answer(path, faults.times(path))));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    faults.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    atEnd(async () => {
      server.closeAllConnections();
      server.close();
      await stopListening();
      await disconnect();
    });
  });
  afterEach(() => {
    for (const child of faults.children.splice(0)) child.kill('SIGKILL');
    for (const { response } of faults.held.splice(0)) response.destroy();
    faults.asked.length = 0;
    faults.holds = () => false;
    faults.answer = () => ({ ok: true });
  });
  return faults;
}

interface Lock {
  /** Another statement in the same transaction. */
  also(statement: string, values?: readonly unknown[]): Promise<void>;
  release(): Promise<void>;
}

/** Does a statement in a transaction of its own, and holds what it has locked until `release`. */
export async function locked(statement: string, values: unknown[] = []): Promise<Lock> {
  const client = await pool().connect();
  await client.query('begin');
  // The test holds on as long as it likes.
  await client.query('set local idle_in_transaction_session_timeout = 0');
  await client.query(statement, values);
  let open = true;
  return {
    also: async (more, others) => {
      await client.query(more, [...(others ?? [])]);
    },
    release: async () => {
      if (!open) return;
      open = false;
      await client.query('rollback');
      client.release();
    },
  };
}

const BLOCKED = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/** Waits until a statement of this database waits for a lock; with false, until none does. */
export function untilBlocked(blocked = true): Promise<void> {
  return until(async () => ((await pool().query(`select ${BLOCKED}`)).rowCount ?? 0) > 0 === blocked);
}

/** Ends what waits for a lock, as where its connection is cut. */
export async function cutBlocked(): Promise<void> {
  await pool().query(`select pg_terminate_backend(pid) ${BLOCKED}`);
  await untilBlocked(false);
}

/** How many of these runs have an owner. */
export async function ownedOf(runs: readonly string[]): Promise<number> {
  const { rows } = await pool().query<{ owned: number }>(
    'select count(*)::int as owned from run where id = any($1) and owner is not null',
    [runs.map(uuidOf)],
  );
  return rows[0]?.owned ?? 0;
}

/** Resolves with the code a process ends with, null where a signal ended it. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}
