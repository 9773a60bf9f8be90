import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { closeExpressionProcesses, evaluateTemplate } from '#lib/server/expression-process.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { createEgressFetch } from '#lib/steps/egress.ts';
import type { StepOutcome } from '#lib/steps/executor.ts';
import { stepExecutors } from '#lib/steps/executors.ts';
import { testContext } from '#lib/steps/test-context.ts';
import { findTemplate } from '#lib/templates/catalog.ts';
import { buildTemplate } from '#lib/templates/template.ts';
import type { StepValue } from '#lib/workflow/expression-scope.ts';
import { compileGraph } from '#lib/workflow/graph.ts';
import { readDefinition } from '#lib/workflow/read-definition.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { compileConfig } from '#lib/workflow/template.ts';
import { mockServer } from './mock-server.ts';

/** The templates' steps for real, against the mock server, through the guarded fetch; the order is walked in the simplest way. */

let origin = '';
let server: ReturnType<typeof serve>;

// The first expression starts a process, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 30_000 });

beforeAll(async () => {
  const app = new Hono();
  app.route('/mock', mockServer());
  await new Promise<void>((ready) => {
    server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      origin = `http://127.0.0.1:${port}`;
      ready();
    });
  });
});
afterAll(async () => {
  await closeExpressionProcesses();
  await new Promise((done) => server.close(done));
});

async function run(templateId: string, parameters: JsonObject): Promise<{ output: Json; steps: Record<string, StepValue> }> {
  const template = findTemplate(templateId);
  if (template === undefined) throw new Error(templateId);
  const definition = readDefinition(buildTemplate(template, parameters));
  const graph = compileGraph(definition, stepCatalog);
  const fetch = createEgressFetch({ allow: [], ownOrigin: origin, mockPrefix: '/mock/' });
  const steps: Record<string, StepValue> = {};
  const values = { input: {}, steps, run: { id: `run_${Math.random()}` }, mock: { url: `${origin}/mock` } };
  for (const step of graph.steps) {
    const taken = step.incoming.some(({ from, branch }) => {
      const source = steps[graph.steps[from]?.id ?? ''];
      return branch === 'error'
        ? source?.status === 'failed'
        : source?.status === 'completed' && (branch === null || source.branch === branch);
    });
    if (step.incoming.length > 0 && !taken) {
      steps[step.id] = { status: 'skipped' };
      continue;
    }
    const type = stepType(stepCatalog, step.type);
    let outcome: StepOutcome | undefined;
    for (let attempt = 1; attempt <= step.retry.maxAttempts && outcome?.kind !== 'completed'; attempt += 1) {
      const resolved = await evaluateTemplate(compileConfig(step.config, type), { values, now: 0, seed: `${step.id}` });
      outcome = await stepExecutors[step.type]?.(
        type?.config.resolved.parse(resolved) as never,
        testContext({ fetch, stepKey: step.id, attempt }),
      );
    }
    if (outcome?.kind === 'completed') steps[step.id] = { status: 'completed', output: outcome.output, branch: outcome.branch ?? null };
    else if (outcome?.kind === 'failed') steps[step.id] = { status: 'failed', error: outcome.error as unknown as Json };
  }
  await fetch.close();
  return { output: steps[definition.output ?? '']?.output ?? null, steps };
}

async function deliveries(): Promise<{ body: { type: string; message?: string; customers?: unknown[] } }[]> {
  const answer = (await (await fetch(`${origin}/mock/sink`)).json()) as { deliveries: Awaited<ReturnType<typeof deliveries>> };
  return answer.deliveries;
}

test('Sync a paged API reads three pages, selects, and delivers', async () => {
  const { output, steps } = await run('tpl_sync_paged_api', {});
  expect(output).toMatchObject({ read: 45, delivered: true });
  expect(steps.nothing_found?.status).toBe('skipped');
  const [delivery] = await deliveries();
  expect(delivery?.body).toMatchObject({ type: 'customers.selected' });
  expect(delivery?.body.customers).toHaveLength((output as { selected: number }).selected);
});

test('Sync a paged API delivers nothing where nothing was found, and a list of one where one was', async () => {
  const before = (await deliveries()).length;
  expect((await run('tpl_sync_paged_api', { minimum_orders: 1000 })).output).toEqual({ read: 45, selected: 0, delivered: false });
  expect(await deliveries()).toHaveLength(before);
  const { steps } = await run('tpl_sync_paged_api', { source_url: '{{ mock.url }}/paged?total=1&per_page=5', minimum_orders: 0 });
  expect(steps.select?.output).toMatchObject({ read: 1, customers: [{ id: 1 }] });
});

test('Health check is well at the third attempt, and raises an alert with two', async () => {
  expect((await run('tpl_health_check', {})).output).toMatchObject({ healthy: true, alerted: false });
  const { output, steps } = await run('tpl_health_check', { attempts: 2 });
  expect(output).toMatchObject({ healthy: false, alerted: true, checked_at: '1970-01-01T00:00:00.000Z' });
  expect(steps.healthy?.status).toBe('skipped');
  const [delivery] = await deliveries();
  expect(delivery?.body.message).toMatch(/after 2 attempts: GET http.*answered 503/);
});
