import { beforeAll, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect } from '#lib/db/client.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { api } from '#lib/http/api.ts';
import { createKey } from '#lib/server/create-key.ts';
import { createWorkflow } from '#lib/server/create-workflow.ts';
import { startRun } from '#lib/server/start-run.ts';
import { journal } from '#lib/server/test-journal.ts';
import { testAccess } from '#lib/server/test-workspace.ts';

const none = { params: {}, query: {}, body: {} };
const AT = Date.parse('2026-11-22T10:00:00.000Z');
const OUTPUTS: Readonly<Record<string, Json>> = {
  plain: { a: [1, null] },
  large: 'x'.repeat(900_000),
  bytes: { status_code: 200, headers: { 'content-type': 'text/html' }, body: '/wD+', encoding: 'base64' },
  files: { result: null, files: { 'sub/a.txt': { media_type: 'text/plain', size: 5, base64: 'aGVsbG8=' } } },
  hidden: 'nobody sees this',
};
let access: Access;
let key: string;
let runId: string;

beforeAll(async () => {
  process.env.WEFTLINE_SECRET = 'test-secret-0123456789-0123456789-abcdef';
  await freshDatabase();
  access = await testAccess();
  key = (await createKey(access, { ...none, body: { name: 'test', scopes: ['runs:read'], expires_at: null } })).key;
  const steps = [...Object.keys(OUTPUTS), 'open'].map((id) => ({
    id,
    type: 'transform',
    config: { fields: { a: 1 } },
    ...(id === 'hidden' ? { sensitive: 'output' } : {}),
  }));
  const inner = ['shown', 'masked'].map((id) => ({
    id,
    type: 'transform',
    config: { fields: { a: 1 } },
    ...(id === 'masked' ? { sensitive: 'output' } : {}),
  }));
  const each = { id: 'each', type: 'loop', config: { items: '[1, 2]', steps: inner } };
  const body = {
    definition: { name: 'Outputs', steps: [...steps, each] } as never,
    trigger_type: 'manual' as const,
    tags: [],
    draft: false,
  };
  const { id } = await createWorkflow(access, { ...none, body });
  runId = (await startRun(access, { ...none, params: { id }, body: { input_data: {}, draft: false, priority: 0 } })).run_id;
  const events: RunEvent[] = [{ type: 'run_started', seq: 2, at: AT }];
  for (const [step, output] of Object.entries(OUTPUTS)) {
    events.push({ type: 'step_completed', seq: events.length + 2, step, attempt: 1, output, started_at: AT, at: AT });
  }
  const opened = { step: 'each', attempt: 1, items: [1, 2], limit: 2, concurrency: 2, started_at: AT, at: AT };
  events.push({ type: 'loop_opened', seq: events.length + 2, ...opened });
  for (const step of ['each[1].shown', 'each[1].masked']) {
    events.push({ type: 'step_completed', seq: events.length + 2, step, attempt: 1, output: step, started_at: AT, at: AT });
  }
  await journal(runId, events, { status: 'running' });
  atEnd(disconnect);
});

function get(step: string, query = ''): Promise<Response> {
  const url = `http://127.0.0.1:3000/api/workflows/runs/${runId}/steps/${step}/output${query}`;
  return Promise.resolve(api().request(url, { headers: { host: '127.0.0.1:3000', authorization: `Bearer ${key}` } }));
}

it('checklist #97: the whole output on request, bytes and files as octet-stream', async () => {
  expect(await (await get('plain')).json()).toEqual(OUTPUTS.plain);
  expect(await (await get('large')).json()).toBe(OUTPUTS.large);
  const bytes = await get('bytes');
  expect(Object.fromEntries(bytes.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''bytes",
    'x-content-type-options': 'nosniff',
  });
  expect([...new Uint8Array(await bytes.arrayBuffer())]).toEqual([255, 0, 254]);
  const file = await get('files', '?file=sub%2Fa.txt');
  expect(file.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''a.txt");
  expect(await file.text()).toBe('hello');
});

it('checklist #31: a sensitive output stays hidden here too', async () => {
  expect(await (await get('hidden')).json()).toBe('[REDACTED]');
});

it('gives the outputs of steps inside loops by their keys, sensitive ones hidden', async () => {
  expect(await (await get('each%5B1%5D.shown')).json()).toBe('each[1].shown');
  expect(await (await get('each%5B1%5D.masked')).json()).toBe('[REDACTED]');
  expect((await get('each%5B0%5D.shown')).status).toBe(404);
});

it('answers 404 for what is not there', async () => {
  for (const [step, query] of [
    ['nope', ''],
    ['open', ''],
    ['files', '?file=b.txt'],
    ['plain', '?file=a'],
    ['files', '?file=__proto__'],
  ]) {
    expect([step, query, (await get(step ?? '', query)).status]).toEqual([step, query, 404]);
  }
});
