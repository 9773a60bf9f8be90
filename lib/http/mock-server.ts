import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { errorResponse } from './error-response.ts';
import { readLimited } from './read-body.ts';

/**
 * A small server of services that behave: the targets of templates, examples and tests, so that they work offline.
 * Everything is bounded: counters and deliveries are the newest few, in memory only.
 */
const MAX_KEYS = 1000;
const MAX_DELIVERIES = 100;
const MAX_WAIT_MS = 30_000;
const MAX_TOTAL = 10_000;
/** Bytes of a body that are read. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Characters of a delivery that are kept: anybody may deliver, so 100 of them must stay small. */
const MAX_KEPT_BODY = 64 * 1024;

interface Delivery {
  readonly at: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

export function mockServer(): Hono {
  const app = new Hono();
  const calls = new Map<string, number>();
  const deliveries: Delivery[] = [];
  const jobs = new Map<string, { looks: number; readonly needed: number }>();
  const windows = new Map<string, { readonly second: number; calls: number }>();

  app.all('/echo', async (context) =>
    context.json({
      method: context.req.method,
      path: context.req.path,
      query: context.req.query(),
      headers: shownHeaders(context),
      body: await readBody(context),
    }),
  );

  app.all('/flaky', (context) => {
    const key = (context.req.query('key') ?? 'default').slice(0, 200);
    const fail = count(context, 'fail', 2, 1_000_000);
    const call = (calls.get(key) ?? 0) + 1;
    remember(calls, key, call);
    if (call <= fail) return context.json({ error: 'unavailable', message: `Call ${call} of ${fail} that fail`, call }, 503);
    return context.json({ ok: true, call });
  });

  app.all('/slow', async (context) => {
    const ms = count(context, 'ms', 1000, MAX_WAIT_MS);
    await pause(ms, context.req.raw.signal);
    return context.json({ ok: true, waited_ms: ms });
  });

  app.post('/jobs', (context) => {
    const id = randomUUID();
    remember(jobs, id, { looks: 0, needed: count(context, 'looks', 3, 1000) });
    return context.json({ id, status: 'running' }, 202);
  });
  app.get('/jobs/:id', (context) => {
    const job = jobs.get(context.req.param('id'));
    if (job === undefined) return context.json({ error: 'not_found', message: 'There is no such job' }, 404);
    job.looks += 1;
    return context.json(
      job.looks < job.needed ? { status: 'running', looks: job.looks } : { status: 'done', looks: job.looks, result: 42 },
    );
  });

  app.all('/limited', (context) => {
    const key = (context.req.query('key') ?? 'default').slice(0, 200);
    const second = Math.floor(Date.now() / 1000);
    const known = windows.get(key);
    const window = known?.second === second ? known : { second, calls: 0 };
    window.calls += 1;
    remember(windows, key, window);
    if (window.calls <= count(context, 'per_second', 5, 1000)) return context.json({ ok: true, call: window.calls });
    return context.json({ error: 'rate_limited', message: 'Too many calls in this second' }, 429, { 'retry-after': '1' });
  });

  app.get('/paged', (context) => context.json(page(context)));

  app.get('/sink', (context) => context.json({ deliveries: [...deliveries].reverse(), total: deliveries.length }));
  app.on(['POST', 'PUT', 'PATCH'], '/sink', async (context) => {
    const body = await readBody(context);
    deliveries.push({
      at: new Date().toISOString(),
      method: context.req.method,
      headers: shownHeaders(context),
      body: JSON.stringify(body).length > MAX_KEPT_BODY ? `More than ${MAX_KEPT_BODY} characters, not kept` : body,
    });
    if (deliveries.length > MAX_DELIVERIES) deliveries.shift();
    return context.json({ ok: true, received: deliveries.length }, 202);
  });

  app.all('/*', (context) => context.json({ error: 'not_found', message: `The mock server has nothing at ${context.req.path}` }, 404));
  app.onError((thrown) => errorResponse(thrown, randomUUID()));
  return app;
}

/** Keeps the newest MAX_KEYS. */
function remember<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > MAX_KEYS) kept.delete(kept.keys().next().value ?? '');
}

/** Items of one page, reached by number or by cursor, with a link to the next. */
function page(context: Context) {
  const total = count(context, 'total', 25, MAX_TOTAL);
  const perPage = Math.max(1, count(context, 'per_page', 10, 100));
  const cursor = context.req.query('cursor');
  const start =
    cursor === undefined
      ? (Math.max(1, count(context, 'page', 1, MAX_TOTAL)) - 1) * perPage
      : Math.min(Number.parseInt(cursor, 10) || 0, total);
  const end = Math.min(start + perPage, total);
  const items = Array.from({ length: Math.max(0, end - start) }, (_unused, offset) => item(start + offset + 1));
  const number = Math.floor(start / perPage) + 1;
  const next = new URL(context.req.url);
  next.searchParams.delete('cursor');
  next.searchParams.set('page', String(number + 1));
  return {
    items,
    page: number,
    per_page: perPage,
    total,
    next: end < total ? next.href : null,
    next_cursor: end < total ? String(end) : null,
  };
}

function item(id: number) {
  return { id, name: `Customer ${id}`, plan: id % 3 === 0 ? 'team' : 'free', orders: (id * 7) % 23 };
}

function count(context: Context, name: string, fallback: number, most: number): number {
  const number = Number.parseInt(context.req.query(name) ?? '', 10);
  return Number.isNaN(number) ? fallback : Math.min(Math.max(0, number), most);
}

/** The headers that examples look at; never cookies or credentials. */
function shownHeaders(context: Context): Record<string, string> {
  const shown = /^(?:content-type|user-agent|idempotency-key|webhook-.*|x-(?!api-key|auth).*)$/;
  return Object.fromEntries(Object.entries(context.req.header()).filter(([name]) => shown.test(name)));
}

/** JSON where it is JSON, else text. */
async function readBody(context: Context): Promise<unknown> {
  const text = new TextDecoder().decode(await readLimited(context.req.raw, MAX_BODY_BYTES));
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
