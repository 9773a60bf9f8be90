import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { disconnect } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createEgressFetch } from '#lib/steps/egress.ts';
import type { Step } from '#lib/workflow/definition.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, eventsOf, rowOf, startWorker, storeSteps } from './test-runs.ts';

/** Rules that only a whole run proves: from the definition over the expression and the step to the journal. */

let worker: RunWorker;
let server: Server;
let origin = '';

beforeAll(async () => {
  await freshDatabase();
  server = createServer((request, response) => {
    const code = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('code') ?? 200);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.writeHead(code, { 'content-type': 'application/json', 'x-kind': 'test' });
      response.end(JSON.stringify({ method, url, header: headers['x-mine'] ?? null, sent: Buffer.concat(chunks).toString('utf8') }));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetch = createEgressFetch({ allow: ['127.0.0.1'], ownOrigin: 'http://127.0.0.1:9', mockPrefix: '/mock/' });
  worker = await startWorker((_, config) => done(config), { fetch });
  afterAll(async () => {
    await worker.stop(500);
    await fetch.close();
    await new Promise((closed) => server.close(closed));
    await stopListening();
    await disconnect();
  });
});

/** What became of each step of one run: its output, or the code it failed with. */
async function outcomes(steps: (Partial<Step> & { id: string })[], input: Json = {}): Promise<Record<string, Json>> {
  const { start } = await storeSteps(steps);
  const [run = ''] = await start(1, input);
  await ended([run]);
  const found: Record<string, Json> = { run: (await rowOf(run)).status };
  for (const event of await eventsOf(run)) {
    if (event.type === 'step_completed') found[event.step] = event.output;
    if (event.type === 'step_failed') found[event.step] = { failed: event.error.code };
    if (event.type === 'step_skipped') found[event.step] = { skipped: event.reason };
  }
  return found;
}

describe('checklist #32: http_request', () => {
  const http = (id: string, config: object): Partial<Step> & { id: string } => ({ id, type: 'http_request', config: config as never });
  it('sends method, query, headers and body, and gives status code, headers and the parsed JSON', async () => {
    const config = {
      method: 'POST',
      url: `${origin}/users`,
      query: { page: 2 },
      headers: { 'X-Mine': '{{ input.key }}' },
      body: { n: [1, null] },
    };
    expect(await outcomes([http('a', config)], { key: 'k' })).toMatchObject({
      run: 'completed',
      a: {
        status_code: 200,
        headers: { 'x-kind': 'test', 'content-type': 'application/json' },
        body: { method: 'POST', url: '/users?page=2', header: 'k', sent: '{"n":[1,null]}' },
      },
    });
  });
  it('fails on a status that is no success, unless it is accepted', async () => {
    const url = `${origin}/gone?code=404`;
    const found = await outcomes([http('refused', { method: 'GET', url }), http('taken', { method: 'GET', url, accept_statuses: [404] })]);
    expect(found).toMatchObject({ run: 'failed', refused: { failed: 'HTTP_STATUS' }, taken: { status_code: 404 } });
  });
});

describe('checklist #40: expressions', () => {
  it('read the input and output, status and error of steps', async () => {
    const found = await outcomes(
      [
        { id: 'a', config: { n: 2 } },
        { id: 'bad', type: 'http_request', config: { method: 'GET', url: 'http://127.0.0.1:1/' }, on_error: 'continue' },
        {
          id: 'reads',
          depends_on: ['a', 'bad'],
          config: {
            sum: '{{ input.n + steps.a.output.n }}',
            text: 'n is {{ input.n }}',
            status: '{{ steps.bad.status }}',
            error: '{{ $exists(steps.bad.error.code) }}',
          },
        },
      ],
      { n: 40 },
    );
    expect(found.reads).toEqual({ sum: 42, text: 'n is 40', status: 'failed', error: true });
  });
  it('a failed evaluation fails its step', async () => {
    const found = await outcomes([
      { id: 'a', config: { x: '{{ $number("x") }}' } },
      { id: 'b', depends_on: ['a'] },
    ]);
    expect(found).toMatchObject({ run: 'failed', a: { failed: 'EXPRESSION_ERROR' }, b: { skipped: 'upstream' } });
  });
  it('have no side effects: what they do to a value stays with them', async () => {
    const found = await outcomes(
      [
        { id: 'a', config: { list: [3, 1] } },
        { id: 'changes', depends_on: ['a'], config: { x: '{{ $sort(steps.a.output.list) }}', y: '{{ input ~> |$|{"n": 9}| }}' } },
        { id: 'after', depends_on: ['changes'], config: { list: '{{ steps.a.output.list }}', n: '{{ input.n }}' } },
      ],
      { n: 1 },
    );
    expect(found).toMatchObject({ changes: { x: [1, 3], y: { n: 9 } }, after: { list: [3, 1], n: 1 } });
  });
});

it('checklist #26: args_from hands the whole results of steps to a step as its arguments', async () => {
  const code = 'import json,sys; print(json.dumps(json.load(sys.stdin)["args"]))';
  const found = await outcomes([
    { id: 'users', config: { list: [1, 2] } },
    { id: 'more', config: { n: 3 } },
    {
      id: 'script',
      type: 'script',
      depends_on: ['users', 'more'],
      args_from: { users: 'users', extra: 'more' },
      config: { language: 'python', code, args: { fixed: true } },
    },
  ]);
  expect(found.script).toEqual({ users: { list: [1, 2] }, extra: { n: 3 }, fixed: true });
});
