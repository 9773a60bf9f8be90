import type { ChildProcess } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { startWorkerProcess } from './test-processes.ts';
import { ended, eventsOf, rowOf, storeSteps, storyOf, until } from './test-runs.ts';

/** Real worker processes, a real HTTP server, real signals. */
const RUNS = 100;
let server: Server;
let origin = '';
let url = '';
/** Requests by path, and answers that wait to be sent. */
const asked = new Map<string, number>();
let holding: ServerResponse[] | null = null;
let children: ChildProcess[] = [];

beforeAll(async () => {
  ({ url } = await freshDatabase());
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    response.setHeader('content-type', 'application/json');
    if (holding !== null && path.startsWith('/hold/')) holding.push(response);
    else response.end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await stopListening();
    await disconnect();
  });
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  asked.clear();
  holding = null;
});

async function startProcess(): Promise<ChildProcess> {
  const child = await startWorkerProcess(url);
  children.push(child);
  return child;
}

const call = (id: string, path: string, after: string[] = []) => ({
  id,
  type: 'http_request',
  depends_on: after,
  config: { method: 'GET', url: `${origin}/${path}/{{ run.id }}` },
});

describe('kill -9 of a worker', () => {
  it(`checklist #78, #79: with ${RUNS} runs in the middle of their http_request steps: all end elsewhere, no finished step ran twice`, async () => {
    const { start } = await storeSteps([call('first', 'first'), call('second', 'hold', ['first']), call('third', 'third', ['second'])]);
    const victim = await startProcess();
    holding = [];
    const runs = await start(RUNS);
    await until(() => holding?.length === RUNS);
    victim.kill('SIGKILL');
    const killedAt = Date.now();
    for (const response of holding) response.destroy();
    holding = null;
    await startProcess();
    await ended(runs, 15_000);
    const took = Date.now() - killedAt;
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'completed', owner: null });
      expect(asked.get(`/first/${run}`)).toBe(1);
      expect(asked.get(`/hold/${run}`)).toBe(2);
      expect(asked.get(`/third/${run}`)).toBe(1);
      const events = await eventsOf(run);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter((event) => event.type === 'step_completed').map((event) => event.step)).toEqual(['first', 'second', 'third']);
    }
    // Starting the second process takes most of it.
    expect(took).toBeLessThan(10_000);
  }, 60_000);

  it('with another worker beside it: taken over within two seconds of the one host', async () => {
    const { start } = await storeSteps([call('first', 'hold'), call('second', 'second', ['first'])]);
    const victim = await startProcess();
    holding = [];
    const runs = await start(20);
    await until(() => holding?.length === 20);
    await startProcess();
    victim.kill('SIGKILL');
    const killedAt = Date.now();
    const held = holding;
    holding = null;
    await ended(runs);
    expect(Date.now() - killedAt).toBeLessThan(4000);
    for (const response of held) response.destroy();
    for (const run of runs) expect((await rowOf(run)).status).toBe('completed');
  }, 60_000);
});

describe('kill -9 of a worker whose runs hold all slots of a limit', () => {
  it('gives the slots to nobody else: its runs go on with them, the others follow', async () => {
    const { start } = await storeSteps([call('first', 'hold'), call('second', 'second', ['first'])], { concurrency: { limit: 2 } });
    const victim = await startProcess();
    await startProcess();
    holding = [];
    const runs = await start(6);
    await until(() => holding?.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(holding).toHaveLength(2);
    const held = holding;
    holding = null;
    victim.kill('SIGKILL');
    let most = 0;
    const watch = setInterval(async () => {
      const { rows } = await pool().query<{ held: number }>('select count(*)::int as held from limit_slot');
      most = Math.max(most, rows[0]?.held ?? 0);
    }, 20);
    for (const response of held) response.end('{"ok":true}');
    await ended(runs, 15_000);
    clearInterval(watch);
    expect(most).toBe(2);
    for (const run of runs) {
      expect((await rowOf(run)).status).toBe('completed');
      expect(asked.get(`/second/${run}`)).toBe(1);
    }
    expect((await pool().query('select from limit_slot')).rowCount).toBe(0);
  }, 60_000);
});

describe('a worker that hangs', () => {
  it('loses its runs when its lease is over, and writes nothing more when it wakes up', async () => {
    const { start } = await storeSteps([call('first', 'hold'), call('second', 'second', ['first'])]);
    const victim = await startProcess();
    holding = [];
    const runs = await start(5);
    await until(() => holding?.length === 5);
    victim.kill('SIGSTOP');
    const held = holding;
    holding = null;
    await startProcess();
    await ended(runs, 15_000);
    const stories = await Promise.all(runs.map(storyOf));
    const exited = new Promise<number | null>((resolve) => victim.once('exit', resolve));
    victim.kill('SIGCONT');
    for (const response of held) response.end('{"late":true}');
    expect(await exited).toBe(75);
    expect(await Promise.all(runs.map(storyOf))).toEqual(stories);
    for (const run of runs) expect(asked.get(`/second/${run}`)).toBe(1);
  }, 60_000);
});

describe('SIGTERM', () => {
  it('drains: what is in flight ends, nothing is lost, the process ends with 0', async () => {
    const { start } = await storeSteps([call('first', 'hold'), call('second', 'second', ['first'])]);
    const one = await startProcess();
    holding = [];
    const runs = await start(10);
    await until(() => holding?.length === 10);
    const exited = new Promise<number | null>((resolve) => one.once('exit', resolve));
    one.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const response of holding) response.end('{"ok":true}');
    holding = null;
    expect(await exited).toBe(0);
    for (const run of runs) expect(await rowOf(run)).toMatchObject({ status: 'running', owner: null });
    await startProcess();
    await ended(runs);
    for (const run of runs) expect(asked.get(`/hold/${run}`)).toBe(1);
  }, 60_000);
});
