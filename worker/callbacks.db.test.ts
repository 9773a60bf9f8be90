import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { uuidFromId } from '#lib/base/ids.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { database, disconnect, pool } from '#lib/db/client.ts';
import { requestCancel } from '#lib/db/control-runs.ts';
import { createRuns, type NewRun } from '#lib/db/create-runs.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { deliveriesOf } from '#lib/db/deliveries.ts';
import { deleteExpiredRuns } from '#lib/db/expired-runs.ts';
import { stopListening } from '#lib/db/notify.ts';
import { rotateSigning } from '#lib/db/signing.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { signingSecret } from '#lib/server/signing-secret.ts';
import { testAccess } from '#lib/server/test-workspace.ts';
import { createEgressFetch } from '#lib/steps/egress.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, startWorker, testCatalog, until, uuidOf } from './test-runs.ts';

const KEY = 'test-secret-0123456789-0123456789-abcdef';
let workers: RunWorker[] = [];
let server: Server;
let calls: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
let reply: (response: ServerResponse) => void = (response) => response.writeHead(204).end();
let workspaceId = '';

beforeAll(async () => {
  await freshDatabase();
  atEnd(async () => {
    await stopListening();
    await disconnect();
  });
  workspaceId = (await testAccess()).workspaceId;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    calls.push({ path: request.url ?? '', headers: request.headers, body });
    reply(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
});

afterEach(async () => {
  await Promise.all(workers.map((one) => one.stop(500)));
  workers = [];
  calls = [];
  reply = (response) => response.writeHead(204).end();
});

async function worker(...[behavior, options]: Parameters<typeof startWorker>): Promise<void> {
  workers.push(await startWorker(behavior, { instanceKey: KEY, ...options }));
}

const address = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

async function start(path: string, more: Partial<NewRun> = {}): Promise<string> {
  const definitionHash = await storeDefinition(database(), { name: 'test', steps: [{ id: 'a', type: 'work' }] });
  const workflowId = 'wf_00000000000070008000000000000001';
  const run = { workspaceId, workflowId, version: 1, definitionHash, trigger: 'api', input: { n: 1 }, callbackUrl: address(path) };
  return (await createRuns([{ ...run, ...more }]))[0]?.runId ?? '';
}

const FAILED = { kind: 'failed', error: { code: 'X', message: 'no' }, retryable: false } as const;
const BAD = { bad: true };
const isBad = (input: unknown): boolean => JSON.stringify(input) === JSON.stringify(BAD);
const workspace = (): string => uuidFromId('ws', workspaceId) ?? '';
const signatureOf = (secret: string, call: (typeof calls)[number]): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${call.headers['webhook-id']}.${call.headers['webhook-timestamp']}.${call.body}`)
    .digest('base64')}`;

test('checklist #92: one signed POST with the final execution when a run completes, fails or is cancelled', async () => {
  const cancelled = await start('/cancelled');
  expect(await requestCancel({ workspaceId, runId: cancelled, catalog: testCatalog })).toMatchObject({ status: 'cancelled' });
  await worker(({ scope }) => (isBad(scope.input) ? FAILED : done(7)));
  const failed = await start('/failed', { input: BAD });
  const completed = await start('/completed');
  await ended([failed, completed]);
  await until(() => calls.length === 3);
  const byPath = new Map(calls.map((call) => [call.path, JSON.parse(call.body)]));
  expect(byPath.get('/completed')).toMatchObject({
    type: 'run.completed',
    data: { run: { id: completed, status: 'completed', input: { n: 1 }, output: { a: 7 }, step_runs: [{ step_id: 'a', output: 7 }] } },
  });
  expect(byPath.get('/failed')).toMatchObject({ type: 'run.failed', data: { run: { status: 'failed', error: { code: 'X' } } } });
  expect(byPath.get('/cancelled')).toMatchObject({ type: 'run.cancelled', data: { run: { id: cancelled, status: 'cancelled' } } });
  const secret = signingSecret(KEY, workspace(), 1);
  for (const call of calls) expect(call.headers['webhook-signature']).toBe(signatureOf(secret, call));
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(calls).toHaveLength(3);
});

test('a callback that is refused is sent again with the same id and body; every attempt is kept', async () => {
  let answers = 0;
  reply = (response) => response.writeHead(answers++ === 0 ? 503 : 200).end();
  await worker(() => done());
  const run = await start('/flaky');
  await until(async () => (await deliveriesOf(uuidOf(run)))[0]?.attempts.length === 1);
  const [first] = await deliveriesOf(uuidOf(run));
  expect(first).toMatchObject({ status: 'pending', attempts: [{ number: 1, statusCode: 503 }] });
  expect((first?.nextAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(2000);
  await pool().query('update delivery set next_at = now() where run_id = $1', [uuidOf(run)]);
  await until(async () => (await deliveriesOf(uuidOf(run)))[0]?.status === 'delivered');
  expect((await deliveriesOf(uuidOf(run)))[0]?.attempts.map((attempt) => attempt.statusCode)).toEqual([503, 200]);
  expect(calls[1]?.headers['webhook-id']).toBe(calls[0]?.headers['webhook-id']);
  expect(calls[1]?.body).toBe(calls[0]?.body);
});

test('for a day after a rotation callbacks carry the signatures of both secrets', async () => {
  await database().$transaction((client) => rotateSigning(client, workspace(), new Date()));
  await worker(() => done());
  await start('/rotated');
  await until(() => calls.length === 1);
  const [call] = calls;
  const expected = [2, 1].map((generation) => call && signatureOf(signingSecret(KEY, workspace(), generation), call));
  expect(call?.headers['webhook-signature']).toBe(expected.join(' '));
});

test('the egress rules hold for callbacks, and a refused address is not tried again', async () => {
  const guarded = createEgressFetch({ allow: [], ownOrigin: 'http://127.0.0.1:9', mockPrefix: '/mock/' });
  await worker(() => done(), { fetch: guarded });
  const run = await start('/inside');
  await until(async () => (await deliveriesOf(uuidOf(run)))[0]?.status === 'failed');
  expect((await deliveriesOf(uuidOf(run)))[0]?.attempts).toHaveLength(1);
  expect(calls).toEqual([]);
});

test('a body that cannot be made is a failed attempt like others, and not tried for ever', async () => {
  const run = await start('/unmade');
  await requestCancel({ workspaceId, runId: run, catalog: testCatalog });
  await pool().query(`update run set definition_hash = 'gone' where id = $1`, [uuidOf(run)]);
  await pool().query('update delivery set attempts = 8 where run_id = $1', [uuidOf(run)]);
  await worker(() => done());
  await until(async () => (await deliveriesOf(uuidOf(run)))[0]?.status === 'failed');
  expect((await deliveriesOf(uuidOf(run)))[0]?.attempts).toMatchObject([{ number: 9, statusCode: null }]);
  expect(calls).toEqual([]);
});

test('several workers send each callback once', async () => {
  for (const _ of [1, 2, 3]) await worker(() => done());
  const runs = await Promise.all(Array.from({ length: 30 }, () => start('/many')));
  await ended(runs);
  await until(() => calls.length >= 30);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(new Set(calls.map((call) => call.headers['webhook-id'])).size).toBe(30);
  expect(calls).toHaveLength(30);
});

test('checklist #96: ended runs go when their retention is over, by how they ended, and no others', async () => {
  await worker(({ scope }) => (isBad(scope.input) ? FAILED : done()));
  const retention = { success: 60, error: 3600 };
  const failed = await start('/r', { input: BAD, retention, callbackUrl: null });
  const completed = await start('/r', { retention, callbackUrl: null });
  const kept = await start('/r', { callbackUrl: null });
  await ended([failed, completed, kept]);
  const ids = async (): Promise<string[]> => {
    const { rows } = await pool().query<{ id: string }>('select id from run where id = any($1)', [[failed, completed, kept].map(uuidOf)]);
    return rows.map((row) => row.id).sort();
  };
  await until(async () => (await deleteExpiredRuns(new Date(Date.now() + 61_000), 1000)) === 1);
  expect(await ids()).toEqual([failed, kept].map(uuidOf).sort());
  expect(await deleteExpiredRuns(new Date(Date.now() + 3_601_000), 1000)).toBe(1);
  expect(await ids()).toEqual([uuidOf(kept)]);
  const left = await pool().query('select from run_event where run_id = any($1)', [[failed, completed].map(uuidOf)]);
  expect(left.rowCount).toBe(0);
});
