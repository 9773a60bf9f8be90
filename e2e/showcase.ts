import type { APIRequestContext, PlaywrightWorkerArgs } from '@playwright/test';
import { API_KEY } from './fixtures.ts';

/** Ids of things that make a screen look as it does at work. */
export interface Showcase {
  readonly workflow: string;
  readonly completedRun: string;
  readonly failedRun: string;
  readonly emptyDraft: string;
}

const HEALTHY = '{{ mock.url }}/paged?total=12&per_page=6';
const BROKEN = '{{ mock.url }}/flaky?key={{ run.id }}&fail=99';

/** An order import with a branch, a retry and a delivery; the address decides whether it completes. */
export function orderImport(url: string) {
  return {
    name: 'Import orders',
    description: 'Reads the shop’s new orders, sets large ones aside for review and tells accounting.',
    input_schema: {
      type: 'object',
      properties: { minimum: { type: 'number', title: 'Large from', description: 'Orders with at least this many items are reviewed.' } },
    },
    output: 'report',
    steps: [
      {
        id: 'fetch',
        name: 'Fetch orders',
        type: 'http_request',
        config: { method: 'GET', url, headers: { Accept: 'application/json' } },
        retry: { max_attempts: 2, delay: '200ms', backoff: 'constant' },
        timeout: '30s',
      },
      {
        id: 'large',
        name: 'Any large order?',
        type: 'condition',
        depends_on: ['fetch'],
        config: { expression: '$count(steps.fetch.output.body.items[orders >= $$.input.minimum]) > 0' },
      },
      {
        id: 'review',
        name: 'Set aside for review',
        type: 'transform',
        depends_on: [{ step: 'large', branch: 'true' }],
        config: {
          expression: 'steps.fetch.output.body.items[orders >= $$.input.minimum].{ "id": id, "customer": name, "orders": orders }',
        },
      },
      {
        id: 'accept',
        name: 'Accept all',
        type: 'transform',
        depends_on: [{ step: 'large', branch: 'false' }],
        config: { fields: { accepted: '{{ $count(steps.fetch.output.body.items) }}' } },
      },
      {
        id: 'report',
        name: 'Report',
        type: 'transform',
        depends_on: ['review', 'accept'],
        config: { fields: { read: '{{ $count(steps.fetch.output.body.items) }}', reviewed: '{{ $count(steps.review.output) }}' } },
      },
      {
        id: 'tell',
        name: 'Tell accounting',
        type: 'webhook',
        depends_on: ['report'],
        config: { url: '{{ mock.url }}/sink', payload: { type: 'orders.imported', data: '{{ steps.report.output }}' } },
      },
    ],
  };
}

/** Makes a workflow with three versions, runs of all kinds, a hook, a schedule, a waiting approval, and an empty draft, by the API as a program would. */
export async function makeShowcase(playwright: PlaywrightWorkerArgs['playwright'], origin: string): Promise<Showcase> {
  const request = await playwright.request.newContext({ baseURL: origin, extraHTTPHeaders: { authorization: `Bearer ${API_KEY}` } });
  try {
    const { id: workflow } = await call<{ id: string }>(request, 'POST', '/api/workflows', {
      definition: orderImport(HEALTHY),
      tags: ['orders', 'accounting'],
    });
    const path = `/api/workflows/${workflow}`;
    const completedRun = await finished(request, path, { minimum: 15 });
    await call(request, 'PUT', path, { definition: orderImport(BROKEN), change_summary: 'Read from the new shop' });
    const failedRun = await finished(request, path, { minimum: 15 });
    const mended = orderImport(HEALTHY);
    const steps = mended.steps
      .filter(({ id }) => id !== 'accept')
      .map((step) => (step.id === 'report' ? { ...step, depends_on: ['review'] } : step));
    const change_summary = 'Back to the old shop; accept without a step of its own';
    await call(request, 'PUT', path, { definition: { ...mended, steps }, change_summary });
    await finished(request, path, { minimum: 15 });
    const { id: emptyDraft } = await call<{ id: string }>(request, 'POST', '/api/workflows', {
      definition: { name: 'Untitled workflow', steps: [] },
      draft: true,
    });
    await makePlaces(request, path);
    return { workflow, completedRun, failedRun, emptyDraft };
  } finally {
    await request.dispose();
  }
}

/** A hook, a schedule and a question that waits for its answer, so that their pages show something. */
async function makePlaces(request: APIRequestContext, path: string): Promise<void> {
  await call(request, 'POST', `${path}/hooks`, { name: 'Shop' });
  await call(request, 'POST', `${path}/schedules`, { cron_expression: '30 2 * * *', timezone: 'Europe/Berlin' });
  const { id } = await call<{ id: string }>(request, 'POST', '/api/workflows', {
    definition: {
      name: 'Pay an invoice',
      steps: [{ id: 'ask', name: 'Ask the boss', type: 'approval', config: { message: 'Pay **{{ input.amount }}** to Northwind?' } }],
    },
  });
  await call(request, 'POST', `/api/workflows/${id}/run`, { input_data: { amount: 120 } });
}

async function finished(request: APIRequestContext, path: string, input: object): Promise<string> {
  const { run_id } = await call<{ run_id: string }>(request, 'POST', `${path}/run`, { input_data: input });
  // The stream closes when the run has ended.
  await request.get(`/api/workflows/runs/${run_id}/stream`);
  return run_id;
}

async function call<T = unknown>(request: APIRequestContext, method: string, path: string, data: object): Promise<T> {
  const response = await request.fetch(path, { method, data });
  if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${await response.text()}`);
  return (await response.json()) as T;
}
