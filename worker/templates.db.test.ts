import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { beforeAll, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { mockServer } from '#lib/http/mock-server.ts';
import { decideApproval } from '#lib/server/decide-approval.ts';
import { closeExpressionProcesses } from '#lib/server/expression-process.ts';
import { installTemplate } from '#lib/server/install-template.ts';
import { listApprovals } from '#lib/server/list-approvals.ts';
import { startRun } from '#lib/server/start-run.ts';
import { testAccess } from '#lib/server/test-workspace.ts';
import { createEgressFetch } from '#lib/steps/egress.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, eventsOf, rowOf, startWorker, until } from './test-runs.ts';

/** Each built-in template that needs an engine, to its end on a real worker, against the mock server. */

let own: Access;
let worker: RunWorker;
let origin = '';

beforeAll(async () => {
  await freshDatabase();
  own = await testAccess();
  const app = new Hono();
  app.route('/mock', mockServer());
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => resolve(`http://127.0.0.1:${port}`));
  origin = await promise;
  const fetch = createEgressFetch({ allow: [], ownOrigin: origin, mockPrefix: '/mock/' });
  worker = await startWorker(() => done(), { mockUrl: `${origin}/mock`, fetch });
  atEnd(async () => {
    await worker.stop(500);
    await fetch.close();
    await closeExpressionProcesses();
    await stopListening();
    await disconnect();
    server.close();
  });
});

async function run(template: string, parameters: JsonObject = {}): Promise<string> {
  const { workflow_id } = await installTemplate(own, { params: { id: template }, query: {}, body: { parameters } });
  const body = { input_data: {}, draft: false, priority: 0 };
  return (await startRun(own, { params: { id: workflow_id }, query: {}, body })).run_id;
}

async function told(runId: string): Promise<string[]> {
  const { deliveries } = (await (await fetch(`${origin}/mock/sink`)).json()) as { deliveries: { body: JsonObject }[] };
  const mine = deliveries.filter(({ body }) => Object.values(body).includes(runId));
  return mine.map(({ body }) => String(body.type)).reverse();
}

async function decided(decision: 'approved' | 'rejected'): Promise<string> {
  const runId = await run('tpl_approval_gate');
  await until(async () => (await rowOf(runId)).status === 'waiting');
  const { approvals } = await listApprovals(own, { params: {}, query: { limit: 1, offset: 0, run_id: runId }, body: {} });
  const id = approvals[0]?.id ?? '';
  await decideApproval(own, { params: { id }, query: {}, body: { decision, form: {}, comment: '' } });
  await ended([runId]);
  return runId;
}

it('checklist #161: fan out goes on with a quorum and lets the slow source go', async () => {
  const runId = await run('tpl_fan_out_quorum');
  await ended([runId], 15_000);
  const { status, output } = await rowOf(runId);
  expect(status).toBe('completed');
  expect((output as { answers: { query: JsonObject }[] }).answers.map((one) => one.query.source)).toEqual(['first', 'second']);
  expect((await eventsOf(runId)).some((event) => event.type === 'step_cancelled' && event.step === 'third')).toBe(true);
});

it('checklist #161: an approval gate acts after a yes, and lets it be after a no', async () => {
  const yes = await decided('approved');
  expect(await rowOf(yes)).toMatchObject({ status: 'completed', output: { decision: 'approved', acted: true } });
  expect(await told(yes)).toEqual(['request.approved']);
  const no = await decided('rejected');
  expect(await rowOf(no)).toMatchObject({ status: 'completed', output: { decision: 'rejected', acted: false } });
  expect(await told(no)).toEqual(['request.refused']);
});

it('checklist #161: a saga completes, and takes back what was done, the last first, when a leg fails', async () => {
  const good = await run('tpl_saga');
  const bad = await run('tpl_saga', { ship_url: '{{ mock.url }}/flaky?key={{ run.id }}&fail=9' });
  await ended([good, bad]);
  expect((await rowOf(good)).status).toBe('completed');
  expect(await told(good)).toEqual([]);
  expect(await rowOf(bad)).toMatchObject({ status: 'failed', error: { code: 'HTTP_STATUS', step: 'ship' } });
  expect(await told(bad)).toEqual(['payment.refunded', 'reservation.released']);
});

it('checklist #161: a long job is polled until it is done, or given up', async () => {
  const runs = [await run('tpl_poll_long_job'), await run('tpl_poll_long_job', { looks: 2, interval: '100ms' })];
  await ended(runs);
  expect(await rowOf(runs[0] ?? '')).toMatchObject({ status: 'completed', output: { done: true, result: 42, looks: 3 } });
  expect(await rowOf(runs[1] ?? '')).toMatchObject({ status: 'completed', output: { done: false, looks: 2 } });
});

it('checklist #161: a batch is sent as fast as a rate limit allows, without a loss', async () => {
  const runId = await run('tpl_batch_rate_limit', { target_url: '{{ mock.url }}/limited?key={{ run.id }}&per_second=3' });
  await ended([runId], 30_000);
  expect(await rowOf(runId)).toMatchObject({ status: 'completed', output: { sent: 12, failed: 0 } });
  const waits = (await eventsOf(runId)).filter((event) => event.type === 'step_retrying');
  expect(waits.length).toBeGreaterThan(0);
  for (const event of waits) expect(event.type === 'step_retrying' && event.retry_at - event.at).toBeGreaterThanOrEqual(1000);
});
