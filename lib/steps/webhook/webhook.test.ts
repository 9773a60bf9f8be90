import { createHmac } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { StepOutcome } from '../executor.ts';
import { testContext } from '../test-context.ts';
import { sendJson, startTestServer } from '../test-server.ts';
import type { WebhookConfig } from './definition.ts';
import { executeWebhook } from './execute.ts';
import { signatureHeaders } from './sign.ts';

let statuses: number[] = [];
let retryAfter: string | null = null;
const server = await startTestServer((_request, response) =>
  sendJson(response, { said: 'no' }, statuses.shift() ?? 200, retryAfter === null ? {} : { 'retry-after': retryAfter }),
);
afterAll(() => server.close());
beforeEach(() => {
  statuses = [];
  retryAfter = null;
});

async function deliver(config: Partial<WebhookConfig> = {}, context = testContext()): Promise<StepOutcome> {
  return await executeWebhook({ url: `${server.origin}/hook`, ...config }, context);
}

test('the example of the specification', () => {
  const headers = signatureHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}', [
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  ]);
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('checklist #38: delivers signed JSON once', async () => {
  const before = server.requests.length;
  const outcome = await deliver({ payload: { a: 'ü' }, secret: 'plain text', headers: { 'X-Mine': '1' } });
  expect(outcome).toMatchObject({
    kind: 'completed',
    output: { status_code: 200, attempts: 1, webhook_id: expect.stringMatching(/^msg_[0-9a-f]{32}$/) },
  });
  const request = server.requests.at(-1);
  expect(server.requests).toHaveLength(before + 1);
  expect(request).toMatchObject({ method: 'POST', body: '{"a":"ü"}', headers: { 'content-type': 'application/json', 'x-mine': '1' } });
  const headers = request?.headers ?? {};
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${request?.body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', 'plain text').update(signed).digest('base64')}`);
});

test('a former secret signs too, so that receivers can change over; a broken one is told', async () => {
  const [secret, former_secret] = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'the old one'];
  await deliver({ payload: 1, secret, former_secret });
  const headers = server.requests.at(-1)?.headers ?? {};
  const body = server.requests.at(-1)?.body;
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const by = (key: Buffer | string) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  expect(headers['webhook-signature']).toBe(`${by(Buffer.from(secret.slice(6), 'base64'))} ${by(former_secret)}`);
  for (const broken of ['whsec_', 'whsec_AAAA', 'whsec_not base64 at all!!!!!!!!!']) {
    expect(await deliver({ secret: broken })).toMatchObject({
      retryable: false,
      error: { code: 'CONFIG_INVALID', path: '/config/secret' },
    });
  }
});

test('without a secret there is no signature; without a payload the ids are sent', async () => {
  await deliver();
  const request = server.requests.at(-1);
  expect(request?.headers).not.toHaveProperty('webhook-signature');
  expect(JSON.parse(request?.body ?? '')).toEqual({ run_id: 'run_1', workflow_id: 'wf_1', step: 'step' });
});

describe('attempts', () => {
  test('are repeated with the same id where that may help', async () => {
    statuses = [503, 429];
    const before = server.requests.length;
    const context = testContext();
    expect(await deliver({}, context)).toMatchObject({ kind: 'completed', output: { attempts: 3 } });
    expect(new Set(server.requests.slice(before).map((request) => request.headers['webhook-id'])).size).toBe(1);
    expect(context.lines).toHaveLength(2);
  });

  test('end, and not every failure is worth one', async () => {
    statuses = [500, 500];
    expect(await deliver({ attempts: 2 })).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: { code: 'HTTP_STATUS', data: { attempts: 2, body: '{"said":"no"}' } },
    });
    statuses = [400, 200];
    expect(await deliver()).toMatchObject({ kind: 'failed', retryable: false, error: { data: { status_code: 400, attempts: 1 } } });
    expect(await deliver({ url: 'http://127.0.0.1:59999/', attempts: 1 })).toMatchObject({ error: { code: 'HTTP_NETWORK' } });
  });

  test('wait as Retry-After asks, or leave a long wait to the retry of the step', async () => {
    statuses = [429];
    retryAfter = '1';
    const started = performance.now();
    expect(await deliver()).toMatchObject({ kind: 'completed', output: { attempts: 2 } });
    expect(performance.now() - started).toBeGreaterThan(950);
    statuses = [503];
    retryAfter = new Date(Date.now() + 120_000).toUTCString();
    const outcome = await deliver();
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, error: { data: { attempts: 1 } } });
    expect(outcome.kind === 'failed' && outcome.retryAfter).toBeGreaterThan(100_000);
  });

  test('stop with the step', async () => {
    statuses = [500, 500, 500];
    const context = testContext();
    setTimeout(() => context.abort(), 60);
    expect(await deliver({}, context)).toMatchObject({ kind: 'failed', retryable: false, error: { code: 'STEP_ABORTED' } });
  });
});
