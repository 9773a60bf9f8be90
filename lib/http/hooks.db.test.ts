import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { BodyOf } from '#lib/contracts/contract.ts';
import type { createHook as contract } from '#lib/contracts/hooks.ts';
import { pool } from '#lib/db/client.ts';
import { trimCalls } from '#lib/db/hook-calls.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createHook } from '#lib/server/create-hook.ts';
import { createWorkflow } from '#lib/server/create-workflow.ts';
import { deleteHook } from '#lib/server/delete-hook.ts';
import { getHookCall } from '#lib/server/get-hook-call.ts';
import { getRun } from '#lib/server/get-run.ts';
import { listAllHooks } from '#lib/server/list-all-hooks.ts';
import { listHookCalls } from '#lib/server/list-hook-calls.ts';
import { listenHook } from '#lib/server/listen-hook.ts';
import { replayHookCall } from '#lib/server/replay-hook-call.ts';
import { rotateHook } from '#lib/server/rotate-hook.ts';
import { setWorkflowStatus } from '#lib/server/set-workflow-status.ts';
import { journal } from '#lib/server/test-journal.ts';
import { codeOf, refusalOf, testAccess } from '#lib/server/test-workspace.ts';
import { updateHook } from '#lib/server/update-hook.ts';
import { api } from './api.ts';

let access: Access;
let workflowId = '';

beforeAll(async () => {
  vi.stubEnv('WEFTLINE_SECRET', 'test-secret-0123456789-0123456789-abcdef');
  vi.stubEnv('WEFTLINE_ENCRYPTION_KEY', 'test-encryption-key-0123456789-0123456789');
  await freshDatabase();
  access = await testAccess();
});
afterAll(() => void vi.unstubAllEnvs());

beforeEach(async () => {
  const definition = { name: 'Orders', steps: [{ id: 'take', type: 'transform', config: { expression: 'input.body' } }] };
  const body = { definition, trigger_type: 'manual' as const, tags: [], draft: false };
  workflowId = (await createWorkflow(access, { params: {}, query: {}, body: body as never })).id;
  await setStatus('active');
});

async function setStatus(status: 'active' | 'paused'): Promise<void> {
  await setWorkflowStatus(access, { params: { id: workflowId }, query: {}, body: { status } });
}

const DEFAULTS: BodyOf<typeof contract> = {
  name: 'Hook',
  enabled: true,
  action: 'start',
  event_type: null,
  answer: 'accepted',
  answer_seconds: 1,
  signature: 'none',
  signature_header: null,
  secret: null,
  dedupe_header: null,
};

async function hook(settings: Partial<BodyOf<typeof contract>> = {}) {
  const made = await createHook(access, { params: { id: workflowId }, query: {}, body: { ...DEFAULTS, ...settings } });
  return { ...made, params: { id: workflowId, hook_id: made.hook.id } };
}

async function call(path: string, body: string | Uint8Array | null = '{"id":1}', headers: Record<string, string> = {}, method = 'POST') {
  const init = {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: method === 'GET' ? null : (body as BodyInit | null),
  };
  const response = await api().request(`http://127.0.0.1:3000${path}`, init);
  const text = await response.text();
  let json: Record<string, Json> = {};
  try {
    json = JSON.parse(text);
  } catch {
    // Not every answer is JSON.
  }
  return { status: response.status, json, text, headers: response.headers };
}

async function callsOf(params: { id: string; hook_id: string }) {
  return (await listHookCalls(access, { params, query: { limit: 50, offset: 0 }, body: {} })).calls;
}

async function inputOf(runId: unknown): Promise<Json> {
  return (await getRun(access, { params: { run_id: String(runId) }, query: {}, body: {} })).run.input;
}

describe('the hooks of a workspace', () => {
  const all = async (who: Access, offset = 0) => listAllHooks(who, { params: {}, query: { limit: 200, offset }, body: {} });

  it('are listed with their workflows, oldest first, a page at a time; those of another workspace are not', async () => {
    const owner = await testAccess();
    expect(await all(owner)).toEqual({ hooks: [], total: 0, next_cursor: null });
    const before = await all(access);
    await hook();
    const { params } = await hook();
    const { hooks, total } = await all(access);
    expect(total).toBe(before.total + 2);
    expect(hooks.at(-1)).toMatchObject({ id: params.hook_id, workflow_id: workflowId, workflow_name: 'Orders', workflow_status: 'active' });
    expect(hooks.at(-1)).not.toHaveProperty('tokenHash');
    expect((await all(access, total - 1)).hooks.map(({ id }) => id)).toEqual([params.hook_id]);
    expect(await all(owner)).toEqual({ hooks: [], total: 0, next_cursor: null });

    const read: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listAllHooks(access, { params: {}, query: { limit: 1, offset: 0, cursor }, body: {} });
      read.push(...page.hooks.map(({ id }) => id));
      // One that is made while a reader goes through the pages is not given instead of another.
      if (read.length === 1) await hook();
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(read).toEqual((await all(access)).hooks.map(({ id }) => id));
  });
});

describe('an inbound hook', () => {
  it('starts a run with what was sent and answers with its id', async () => {
    const { path, params } = await hook();
    const answer = await call(`${path}?a=1&a=2&b=x`, '{"order":7}', { 'x-shop': 'de', authorization: 'Bearer theirs' });
    expect([answer.status, answer.json.run_id]).toEqual([202, expect.stringMatching(/^run_/)]);
    expect(await inputOf(answer.json.run_id)).toMatchObject({
      body: { order: 7 },
      query: { a: ['1', '2'], b: 'x' },
      method: 'POST',
      headers: { 'x-shop': 'de' },
    });
    const [stored] = await callsOf(params);
    expect(stored).toMatchObject({ outcome: 'started', run_ids: [answer.json.run_id], size: 11 });
    const { call: whole } = await getHookCall(access, { params: { ...params, call_id: stored?.id ?? '' }, query: {}, body: {} });
    expect(whole.headers).not.toHaveProperty('authorization');
  });

  it.each<[string, string | Uint8Array, string, Json]>([
    ['a form', 'a=1&b=x+y&a=2', 'application/x-www-form-urlencoded', { a: ['1', '2'], b: 'x y' }],
    ['text', 'hello', 'text/plain', 'hello'],
    ['broken JSON', '{"a":', 'application/json', '{"a":'],
    ['bytes', new Uint8Array([255, 254, 0]), 'application/octet-stream', { base64: '//4A' }],
    ['NUL and half a surrogate', '{"a":"x\\u0000\\ud800"}', 'application/json', { a: 'x\u0000\ud800' }],
  ])('takes %s', async (_name, body, type, value) => {
    const { path } = await hook();
    const answer = await call(path, body, { 'content-type': type });
    expect(answer.status).toBe(202);
    expect(((await inputOf(answer.json.run_id)) as { body: Json }).body).toEqual(value);
  });

  it('looks the same where it is none: wrong, disabled, former, deleted', async () => {
    const { path, params } = await hook();
    const wrong = await call('/hooks/nothing-here');
    await updateHook(access, { params, query: {}, body: { enabled: false } });
    const disabled = await call(path);
    await updateHook(access, { params, query: {}, body: { enabled: true } });
    const rotated = await rotateHook(access, { params, query: {}, body: {} });
    const former = await call(path);
    expect((await call(rotated.path)).status).toBe(202);
    await deleteHook(access, { params, query: {}, body: {} });
    const deleted = await call(rotated.path);
    for (const one of [wrong, disabled, former, deleted]) {
      expect([one.status, one.json.error, one.json.message]).toEqual([404, 'not_found', 'There is nothing at this address.']);
    }
  });

  it('refuses more than 1 MiB and stores nothing of it', async () => {
    const { path, params } = await hook();
    expect((await call(path, 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
    expect((await call(path, 'x'.repeat(1024 * 1024))).status).toBe(202);
    expect(await callsOf(params)).toHaveLength(1);
  });

  it('starts nothing while the workflow is not active; the call can be replayed, on a version or the draft', async () => {
    await setStatus('paused');
    const { path, params } = await hook();
    expect((await call(path)).status).toBe(409);
    const [stored] = await callsOf(params);
    expect(stored).toMatchObject({ outcome: 'refused', run_ids: [] });
    const replay = { params: { ...params, call_id: stored?.id ?? '' }, query: {} };
    for (const body of [{ draft: false }, { draft: false, version: 1 }, { draft: true }]) {
      const { run_id: runId } = await replayHookCall(access, { ...replay, body });
      expect(await inputOf(runId)).toMatchObject({ body: { id: 1 } });
    }
    expect(await codeOf(replayHookCall(await testAccess('Eve'), { ...replay, body: { draft: true } }))).toBe('not_found');
  });

  it('takes one of two calls with the same key, and answers the second like the first', async () => {
    const { path, params } = await hook();
    const first = await call(path, '{"n":1}', { 'webhook-id': 'msg_1' });
    const second = await call(path, '{"n":1}', { 'webhook-id': 'msg_1' });
    expect(second.json.run_id).toBe(first.json.run_id);
    expect((await call(path, '{"n":1}', { 'idempotency-key': 'msg_2' })).json.run_id).not.toBe(first.json.run_id);
    expect(await callsOf(params)).toHaveLength(2);
    const own = await hook({ dedupe_header: 'x-delivery' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(own.path, '{}', { 'x-delivery': 'd1' })));
    expect(new Set(answers.filter((one) => one.status === 202).map((one) => one.json.run_id)).size).toBe(1);
    expect(await callsOf(own.params)).toHaveLength(1);
  });

  it('takes a call in again whose process died over it, and starts no second run', async () => {
    const { path, hook: made } = await hook();
    const first = await call(path, '{"n":1}', { 'webhook-id': 'msg_1' });
    await pool().query(`update hook_call set outcome = 'pending', run_ids = '{}' where hook_id = $1`, [made.id.slice(5)]);
    expect((await call(path, '{"n":1}', { 'webhook-id': 'msg_1' })).status).toBe(409);
    await pool().query(`update hook_call set received_at = now() - interval '1 min' where hook_id = $1`, [made.id.slice(5)]);
    const again = await call(path, '{"n":1}', { 'webhook-id': 'msg_1' });
    expect([again.status, again.json.run_id]).toEqual([202, first.json.run_id]);
  });

  it('gives the next call to the draft while somebody listens, then is live again', async () => {
    await setStatus('paused');
    const { path, params } = await hook();
    const { hook: listening } = await listenHook(access, { params, query: {}, body: { seconds: 60 } });
    expect(listening.listening_until).not.toBeNull();
    const test = await call(path);
    expect(test.status).toBe(202);
    expect((await getRun(access, { params: { run_id: String(test.json.run_id) }, query: {}, body: {} })).run.version).toBeNull();
    expect((await callsOf(params))[0]?.outcome).toBe('tested');
    expect((await call(path)).status).toBe(409);
  });

  it('keeps the newest calls only', async () => {
    const { hook: made, params } = await hook();
    const uuid = made.id.slice(5).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    await pool().query(
      `insert into hook_call (id, hook_id, method, query, headers, body) select gen_random_uuid(), $1, 'POST', '{}', '{}', '{}' from generate_series(1, 520)`,
      [uuid],
    );
    await trimCalls();
    expect((await listHookCalls(access, { params, query: { limit: 1, offset: 0 }, body: {} })).total).toBe(500);
  });
});

describe('signatures', () => {
  const body = '{"paid":true}';
  const now = () => Math.floor(Date.now() / 1000);

  it('of Standard Webhooks are checked: forged, changed and old calls are refused and take no key', async () => {
    const { path, params } = await hook({ signature: 'standard', secret: `whsec_${Buffer.from('a-secret-of-ours').toString('base64')}` });
    const signed = (seconds: number, text: string, key = 'a-secret-of-ours') => ({
      'webhook-id': 'm1',
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,AAAA v1,${createHmac('sha256', key).update(`m1.${seconds}.${text}`).digest('base64')}`,
    });
    expect((await call(path, body)).status).toBe(401);
    expect((await call(path, body, signed(now(), body, 'another-secret'))).status).toBe(401);
    expect((await call(path, body, signed(now(), 'changed'))).status).toBe(401);
    expect((await call(path, body, signed(now() - 3600, body))).status).toBe(401);
    expect((await call(path, body, signed(now(), body))).status).toBe(202);
    expect((await callsOf(params)).map((one) => one.outcome)).toEqual(['started', 'refused', 'refused', 'refused', 'refused']);
  });

  it('as GitHub and Stripe send them are checked', async () => {
    const hex = (text: string) => createHmac('sha256', 'a-secret-of-ours').update(text).digest('hex');
    const github = await hook({ signature: 'hmac', signature_header: 'x-hub-signature-256', secret: 'a-secret-of-ours' });
    expect((await call(github.path, body, { 'x-hub-signature-256': `sha256=${hex(body)}` })).status).toBe(202);
    expect((await call(github.path, body, { 'x-hub-signature-256': `sha256=${hex('other')}` })).status).toBe(401);
    const stripe = await hook({ signature: 'hmac', signature_header: 'stripe-signature', secret: 'a-secret-of-ours' });
    const seconds = now();
    expect((await call(stripe.path, body, { 'stripe-signature': `t=${seconds},v1=${hex(`${seconds}.${body}`)},v0=x` })).status).toBe(202);
    const old = seconds - 3600;
    expect((await call(stripe.path, body, { 'stripe-signature': `t=${old},v1=${hex(`${old}.${body}`)}` })).status).toBe(401);
  });

  it('need a secret, and show none', async () => {
    expect((await refusalOf(hook({ signature: 'standard' }))).details[0]?.path).toBe('/secret');
    expect((await refusalOf(hook({ signature: 'hmac', secret: 'long-enough' }))).details[0]?.path).toBe('/signature_header');
    const made = await hook({ signature: 'standard', secret: 'long-enough' });
    expect(JSON.stringify(made)).not.toContain('long-enough');
    expect(made.hook.has_secret).toBe(true);
  });
});

describe('an answer that waits for the run', () => {
  /** Ends the newest run as a worker would, with this output. */
  async function endWith(status: 'completed' | 'failed', output: Json): Promise<void> {
    const at = Date.now();
    const error = status === 'failed' ? { code: 'X', message: 'no' } : null;
    await vi.waitFor(
      async () => {
        const { rows } = await pool().query<{ id: string }>(`select id from run where status = 'queued' and workflow_id = $1`, [
          workflowId.slice(3),
        ]);
        const [run] = rows;
        if (run === undefined) throw new Error('There is no run to end');
        const events = [
          { seq: 2, at, type: 'run_started' },
          { seq: 3, at, type: 'run_completed', status, output, error, duration_seconds: 0 },
        ] as const;
        await journal(idFromUuid('run', run.id), events, { status });
      },
      { timeout: 5000, interval: 10 },
    );
  }

  it('is its output, or the whole answer that the output says', async () => {
    const { path } = await hook({ answer: 'result', answer_seconds: 20 });
    const [plain] = await Promise.all([call(path), endWith('completed', { total: 3 })]);
    expect([plain.status, plain.json]).toEqual([200, { total: 3 }]);
    const [whole] = await Promise.all([
      call(path),
      endWith('completed', { status_code: 201, body: '<b>made</b>', headers: { 'Content-Type': 'text/html', 'set-cookie': 'x=1' } }),
    ]);
    expect([whole.status, whole.text, whole.headers.get('content-type')]).toEqual([201, '<b>made</b>', 'text/html']);
    expect([whole.headers.get('set-cookie'), whole.headers.get('content-security-policy')]).toEqual([null, 'sandbox']);
  });

  it('tells of a failed run, and of one that takes longer', async () => {
    const { path } = await hook({ answer: 'result', answer_seconds: 1 });
    const [failed] = await Promise.all([call(path), endWith('failed', null)]);
    expect([failed.status, failed.json]).toMatchObject([502, { status: 'failed', error: { code: 'X' } }]);
    const late = await call(path);
    expect([late.status, late.json]).toEqual([202, { run_id: expect.any(String), status: 'running' }]);
  });
});
