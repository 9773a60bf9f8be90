import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';

/** The real product on a data folder and a port of its own, started and hurt as a machine may do it. */
const KEY = 'wl_supervisor_0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'weftline-supervisor-'));
const stateFile = join(folder, 'processes.json');
const launchers: Launched[] = [];
let port = 0;
/** Answers after 200 ms, and outlives all that is killed here. */
const slow = createHttpServer((_request, response) => void setTimeout(() => response.end('{}'), 200));
let slowUrl = '';

interface Launched {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

interface Answer {
  readonly id?: string;
  readonly run_id?: string;
  readonly error?: string;
  readonly run?: { readonly status: string };
}

interface State {
  readonly launcher: { readonly pid: number; readonly start: string };
  readonly children: readonly { readonly pid: number; readonly start: string; readonly role: string }[];
}

test.use({ storageState: { cookies: [], origins: [] } });
test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  slowUrl = `http://127.0.0.1:${(slow.address() as { port: number }).port}/`;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  ({ port } = probe.address() as { port: number });
  probe.close();
  await once(probe, 'close');
});
test.afterAll(async () => {
  for (const { child } of launchers) child.kill('SIGTERM');
  await Promise.all(launchers.map((launched) => launched.exit));
  slow.closeAllConnections();
  slow.close();
  rmSync(folder, { recursive: true, force: true });
});

function launch(env: Record<string, string> = {}): Launched {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'DATABASE_URL' && !/^(WEFTLINE_|npm_)/.test(name)),
  );
  const child = spawn(process.execPath, ['scripts/launch.mjs'], {
    env: {
      ...inherited,
      NODE_ENV: 'production',
      DATA_DIR: folder,
      PORT: String(port),
      HOST: '127.0.0.1',
      WEFTLINE_API_KEY: KEY,
      ...owner,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const launched = { child, output: () => output, exit: once(child, 'exit').then(([code]) => code as number | null) };
  launchers.push(launched);
  return launched;
}

const owner = { WEFTLINE_OWNER_EMAIL: 'owner@example.test', WEFTLINE_OWNER_PASSWORD: 'correct-horse-battery', EGRESS_ALLOW: '127.0.0.1' };
const ready = (launched: Launched) =>
  expect.poll(() => launched.output(), { timeout: 60_000, intervals: [50] }).toContain('Weftline is ready');
const state = () => JSON.parse(readFileSync(stateFile, 'utf8')) as State;
const postmaster = () => Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
const pidOf = (role: string) => state().children.find((child) => child.role === role)?.pid ?? 0;
const isThere = (pid: number) => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Answer }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** A workflow of slow steps, against a server that is none of the product's. */
async function workflow(): Promise<string> {
  const step = (id: string, after: string[]) => ({
    id,
    type: 'http_request',
    depends_on: after,
    config: { method: 'GET', url: slowUrl },
  });
  const { body } = await call('POST', '/api/workflows', {
    definition: { name: 'slow', steps: [step('a', []), step('b', ['a']), step('c', ['b'])] },
  });
  return String(body.id);
}

async function start(id: string, count: number): Promise<string[]> {
  const runs: string[] = [];
  for (let index = 0; index < count; index++) runs.push(String((await call('POST', `/api/workflows/${id}/run`, {})).body.run_id));
  return runs;
}

async function expectEnded(runs: readonly string[]): Promise<void> {
  for (const run of runs) {
    await expect
      .poll(async () => (await call('GET', `/api/workflows/runs/${run}`).catch(() => null))?.body.run?.status, {
        timeout: 30_000,
        intervals: [50],
      })
      .toBe('completed');
  }
}

test('PostgreSQL killed with -9: the supervisor starts it again, callers are told 503 meanwhile, accepted runs end', async () => {
  const launched = launch();
  await ready(launched);
  const runs = await start(await workflow(), 20);
  const former = postmaster();
  process.kill(former, 'SIGKILL');
  let refused = 0;
  await expect
    .poll(
      async () => {
        const { status, body } = await call('GET', '/api/workflows');
        if (status !== 200) {
          expect({ status, error: body.error }).toEqual({ status: 503, error: 'unavailable' });
          refused++;
        }
        return status === 200 && existsSync(join(folder, 'postgres', 'postmaster.pid')) && postmaster() !== former;
      },
      { timeout: 30_000, intervals: [20] },
    )
    .toBe(true);
  expect(refused).toBeGreaterThan(0);
  await expectEnded(runs);
  expect(launched.output()).toContain('The database ended; it starts again.');
});

test('a second supervisor on the same data folder says so and goes; the first is not touched', async () => {
  const before = state();
  const second = launch({ PORT: String(port + 1) });
  expect(await second.exit).toBe(1);
  expect(second.output().trim()).toContain(
    `Weftline already runs on this data folder at http://127.0.0.1:${port} (process ${before.launcher.pid})`,
  );
  expect(state()).toEqual(before);
  expect((await call('GET', '/api/health')).body).toMatchObject({ status: 'ok' });
});

test('the supervisor killed with -9: the next start ends what it left, adopts the database, and runs go on', async () => {
  const left = launchers[0] as Launched;
  const [web, worker, database] = [pidOf('web'), pidOf('worker'), postmaster()];
  const runs = await start(await workflow(), 20);
  left.child.kill('SIGKILL');
  await left.exit;
  expect([web, worker, database].map(isThere)).toEqual([true, true, true]);
  const next = launch();
  await ready(next);
  expect(next.output()).toContain('end what an earlier start left behind');
  expect([web, worker, database].map(isThere)).toEqual([false, false, true]);
  expect(postmaster()).toBe(database);
  await expectEnded(runs);
});

test('state that names strangers, or that is damaged, is not believed: strangers live, and the product starts', async () => {
  const launched = launchers.at(-1) as Launched;
  launched.child.kill('SIGTERM');
  expect(await launched.exit).toBe(0);
  expect(existsSync(stateFile)).toBe(false);
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  const pid = stranger.pid ?? 0;
  try {
    // Written by an earlier life of these process ids, on the day before.
    const former = { pid, start: '1' };
    writeFileSync(
      stateFile,
      JSON.stringify({ launcher: former, parents: [], children: [{ ...former, role: 'web' }], url: 'http://127.0.0.1:1' }),
    );
    writeFileSync(join(folder, 'postgres', 'postmaster.pid'), `${pid}\n${join(folder, 'postgres')}\n1\n5432\n${join(folder, 'socket')}\n`);
    const next = launch();
    await ready(next);
    expect(isThere(pid)).toBe(true);
    next.child.kill('SIGTERM');
    expect(await next.exit).toBe(0);
    expect(isThere(pid)).toBe(true);
  } finally {
    stranger.kill('SIGKILL');
  }
  writeFileSync(stateFile, '{"launcher": {"pid": 1}, "children"');
  const last = launch();
  await ready(last);
});

test('two supervisors in one moment: one runs, the other says who does', async () => {
  const former = launchers.at(-1) as Launched;
  former.child.kill('SIGTERM');
  expect(await former.exit).toBe(0);
  const both = [launch(), launch({ PORT: String(port + 1) })];
  const codes = await Promise.race(both.map(async (one, index) => ({ index, code: await one.exit })));
  expect(codes.code).toBe(1);
  const loser = both[codes.index] as Launched;
  const winner = both[1 - codes.index] as Launched;
  expect(loser.output()).toContain('Weftline already runs on this data folder');
  await ready(winner);
  winner.child.kill('SIGTERM');
  expect(await winner.exit).toBe(0);
});
