import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { hashApiKey, makeApiKey, shownPrefix } from '#lib/auth/api-key.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import { insertKey } from '#lib/db/keys.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createWorkflow } from '#lib/server/create-workflow.ts';
import { getRun } from '#lib/server/get-run.ts';
import { startRun } from '#lib/server/start-run.ts';
import { failedEvents, journal } from '#lib/server/test-journal.ts';
import { exampleDefinition, testAccess } from '#lib/server/test-workspace.ts';
import { api } from './api.ts';

let access: Access;
let key = '';
let stranger = '';

beforeAll(async () => {
  vi.stubEnv('WEFTLINE_SECRET', 'test-secret-0123456789-0123456789-abcdef');
  await freshDatabase();
  access = await testAccess();
  key = await keyFor(access);
  stranger = await keyFor(await testAccess('Eve'));
});
afterAll(() => void vi.unstubAllEnvs());

async function keyFor({ workspaceId }: Access): Promise<string> {
  const made = makeApiKey();
  const workspaceUuid = uuidFromId('ws', workspaceId) ?? '';
  const scopes = ['runs:read'];
  await insertKey({
    workspaceUuid,
    name: 'reader',
    prefix: shownPrefix(made),
    hash: hashApiKey(made),
    scopes,
    createdBy: 'Ada',
    expiresAt: null,
  });
  return made;
}

async function newRun(): Promise<string> {
  const body = { definition: exampleDefinition() as never, trigger_type: 'manual' as const, tags: [], draft: false };
  const { id } = await createWorkflow(access, { params: {}, query: {}, body });
  return (await startRun(access, { params: { id }, query: {}, body: { input_data: {}, draft: false, priority: 0 } })).run_id;
}

async function endedRun(): Promise<string> {
  const runId = await newRun();
  await journal(runId, failedEvents, { status: 'failed' });
  return runId;
}

function open(runId: string, headers: Record<string, string> = {}, bearer = key): Promise<Response> {
  const request = new Request(`http://127.0.0.1/api/workflows/runs/${runId}/stream`, {
    headers: { authorization: `Bearer ${bearer}`, ...headers },
  });
  return Promise.resolve(api().fetch(request));
}

const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((found) => Number(found[1]));

describe('the stream of a run', () => {
  it('checklist #137: is never kept, changed or held back on its way', async () => {
    const response = await open(await endedRun());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(response.headers.has('content-encoding')).toBe(false);
    await response.body?.cancel();
  });

  it('checklist #129, #130, #133: tells each event with its name, run, time and growing number, the end last; then it closes', async () => {
    const runId = await endedRun();
    const text = await (await open(runId)).text();
    expect(idsOf(text)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const frames = text.split('\n\n').filter((frame) => frame.startsWith('id:'));
    for (const frame of frames) {
      const data = JSON.parse(frame.split('data: ')[1] ?? '');
      expect(data).toMatchObject({ run_id: runId, timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
    }
    const told = frames.map((frame) => [frame.split('event: ')[1]?.split('\n')[0], JSON.parse(frame.split('data: ')[1] ?? '')] as const);
    expect(told.map(([name, data]) => [name, data.step_id])).toEqual([
      ['run_queued', undefined],
      ['run_started', undefined],
      ['step_started', 'fetch'],
      ['step_completed', 'fetch'],
      ['step_started', 'notify'],
      ['step_failed', 'notify'],
      ['run_completed', undefined],
    ]);
    expect(told[3]?.[1]).toMatchObject({ output: { status_code: 200 }, duration_seconds: 0.1 });
    expect(frames.at(-1)).toContain('event: run_completed');
    expect(JSON.parse(frames.at(-1)?.split('data: ')[1] ?? '')).toMatchObject({ status: 'failed', duration_seconds: 1 });
  });

  it('checklist #134, #135: goes on exactly after Last-Event-ID, unknown ids are harmless, a finished run with its last id is 204; between the two events of a short step too', async () => {
    const runId = await endedRun();
    for (const after of [1, 2, 3, 4, 5, 6]) {
      const text = await (await open(runId, { 'last-event-id': String(after) })).text();
      expect(idsOf(text)).toEqual([1, 2, 3, 4, 5, 6, 7].filter((id) => id > after));
    }
    for (const unknown of ['99', 'abc', '-1', '', '1e3', '9'.repeat(16)]) {
      expect(idsOf(await (await open(runId, { 'last-event-id': unknown })).text())).toHaveLength(7);
    }
    const done = await open(runId, { 'last-event-id': '7' });
    expect([done.status, await done.text()]).toEqual([204, '']);
  });

  it('checklist #138: is left without touching the run after first bytes within a second, and is not there for another workspace', async () => {
    const runId = await newRun();
    const began = Date.now();
    const reader = (await open(runId)).body?.getReader();
    await reader?.read();
    await reader?.read();
    expect(Date.now() - began).toBeLessThan(1000);
    await reader?.cancel();
    expect((await getRun(access, { params: { run_id: runId }, query: {}, body: {} })).run.status).toBe('queued');
    expect((await open(runId, {}, stranger)).status).toBe(404);
    expect((await open(runId, {}, 'wl_0123456789abcdefghij')).status).toBe(401);
  });
});
