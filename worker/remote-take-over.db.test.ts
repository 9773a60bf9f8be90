import type { ChildProcess } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { startWorkerProcess } from './test-processes.ts';
import { ended, eventsOf, rowOf, storeSteps, storyOf, until } from './test-runs.ts';

/** Real processes, each serving one queue; what executes a step of another's run is killed, or hangs. */
let server: Server;
let origin = '';
let url = '';
const asked: { path: string; key: string }[] = [];
/** Answers that wait to be sent; null: everything is answered at once. */
let holding: ServerResponse[] | null = null;
let children: ChildProcess[] = [];

beforeAll(async () => {
  ({ url } = await freshDatabase());
  server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', key: String(request.headers['idempotency-key']) });
    response.setHeader('content-type', 'application/json');
    if (holding === null) response.end('{"ok":true}');
    else holding.push(response);
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

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  asked.length = 0;
  holding = null;
});

async function startProcess(queue: string): Promise<ChildProcess> {
  const child = await startWorkerProcess(url, { QUEUES: queue });
  children.push(child);
  return child;
}

const call = (id: string, more: object = {}) => ({
  ...{ id, type: 'http_request', config: { method: 'POST', url: `${origin}/${id}` } },
  ...more,
});

/** Runs of one step on the queue `gpu`, all of them in the middle of it. */
async function inFlight(count: number, step: object = {}) {
  const { start } = await storeSteps([call('far', { queue: 'gpu', ...step }), { ...call('near'), depends_on: ['far'] }]);
  const [owner, executor] = await Promise.all([startProcess('default'), startProcess('gpu')]);
  holding = [];
  const runs = await start(count);
  await until(() => holding?.length === count);
  const held = holding;
  holding = null;
  return { runs, owner, executor, held };
}

describe('kill -9', () => {
  test('checklist #79: of the worker that executes steps of others: offered again, same key, no attempt used up', async () => {
    const { runs, executor, held } = await inFlight(20, { retry: { max_attempts: 1 } });
    executor.kill('SIGKILL');
    for (const response of held) response.destroy();
    await startProcess('gpu');
    await ended(runs, 15_000);
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'completed', owner: null });
      const far = (await storyOf(run)).filter((line) => line.endsWith(' far'));
      expect(far).toEqual(['step_waiting far', 'step_started far', 'step_waiting far', 'step_started far', 'step_completed far']);
      expect(asked.filter((one) => one.key === `${run}:far:1`)).toHaveLength(2);
      expect(asked.filter((one) => one.key === `${run}:near:1`)).toHaveLength(1);
      const events = await eventsOf(run);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    }
    expect((await pool().query('select from wait')).rowCount).toBe(0);
  }, 60_000);

  test('checklist #79: of the worker that executes a step which must not be repeated: OUTCOME_UNKNOWN, never left running', async () => {
    const { runs, executor, held } = await inFlight(3, { on_crash: 'ask' });
    executor.kill('SIGKILL');
    for (const response of held) response.destroy();
    await startProcess('gpu');
    await ended(runs, 15_000);
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'failed', error: { code: 'OUTCOME_UNKNOWN', step: 'far' } });
      expect(asked.filter((one) => one.key === `${run}:far:1`)).toHaveLength(1);
    }
  }, 60_000);

  test('of the owner: the next one goes on, and what runs elsewhere is not repeated', async () => {
    const { runs, owner, held } = await inFlight(20);
    owner.kill('SIGKILL');
    await startProcess('default');
    for (const response of held) response.end('{"ok":true}');
    await ended(runs, 15_000);
    for (const run of runs) {
      expect((await rowOf(run)).status).toBe('completed');
      expect(asked.filter((one) => one.key === `${run}:far:1`)).toHaveLength(1);
    }
  }, 60_000);
});

test('checklist #79: a worker that hangs while it executes a step is replaced, and what it says late changes nothing', async () => {
  const { runs, executor, held } = await inFlight(5);
  executor.kill('SIGSTOP');
  await startProcess('gpu');
  await ended(runs, 15_000);
  const stories = await Promise.all(runs.map(storyOf));
  const exited = new Promise<number | null>((resolve) => executor.once('exit', resolve));
  executor.kill('SIGCONT');
  for (const response of held) response.end('{"late":true}');
  expect(await exited).toBe(75);
  expect(await Promise.all(runs.map(storyOf))).toEqual(stories);
  for (const run of runs) expect(JSON.stringify((await rowOf(run)).output)).not.toContain('late');
}, 60_000);
