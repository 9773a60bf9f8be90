import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '#lib/base/json.ts';
import type { StepContext, StepOutcome } from '../executor.ts';
import { retryAfterOf } from '../outgoing.ts';
import { testContext } from '../test-context.ts';
import { sendJson, startTestServer, type TestServer } from '../test-server.ts';
import { httpRequest } from './definition.ts';
import { executeHttpRequest } from './execute.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const number = (name: string): number => Number(url.searchParams.get(name) ?? 0);
    const raw = (type: string, body: string | Buffer, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'content-type': type, ...headers }).end(body);
    };
    switch (url.pathname) {
      case '/echo':
        return sendJson(response, { method: request.method, query: [...url.searchParams], headers: request.headers, body: request.text });
      case '/status':
        return sendJson(response, { reason: 'because' }, number('code'), { 'retry-after': '7' });
      case '/text':
        return raw('text/plain; charset=iso-8859-1', Buffer.from([0x68, 0xe9]));
      case '/bytes':
        return raw('application/octet-stream', Buffer.from([0xff, 0x00, 0xfe]));
      case '/broken-json':
        return raw('application/json', '{"a":');
      case '/odd-json':
        return raw('application/json', '{"nul":"a\\u0000b","lone":"\\ud800"}');
      case '/problem':
        return raw('application/problem+json; charset=utf-8', '{"a":1}');
      case '/empty':
        return void response.writeHead(204).end();
      case '/cookies':
        return void response
          .writeHead(
            200,
            [
              ['set-cookie', 'a=1'],
              ['set-cookie', 'b=2'],
            ].flat(),
          )
          .end('x');
      case '/large':
        return raw('text/plain', 'x'.repeat(1_100_000));
      case '/bomb':
        return raw('text/plain', gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' });
      case '/hang':
        return;
      case '/cut':
        response.writeHead(200, { 'content-length': '100' });
        response.write('part');
        return void setTimeout(() => response.destroy(), 20);
      case '/redirect':
        return void response.writeHead(302, { location: '/echo' }).end();
      case '/pages': {
        const page = number('page') || 1;
        const items = page > 3 ? [] : [{ id: page * 2 - 1 }, { id: page * 2 }];
        const next = page < 3 ? `/pages?page=${page + 1}` : null;
        const link = next === null ? {} : { link: `</first>; rel="first", <${next}>; rel="next"` };
        return sendJson(response, { data: { items }, meta: { next, more: page < 3 } }, 200, link as Record<string, string>);
      }
      case '/cursor': {
        const at = number('cursor');
        return sendJson(response, { items: [at], next_cursor: at < 2 ? String(at + 1) : '' });
      }
      case '/endless':
        return sendJson(response, { items: [1], next: `/endless?page=${number('page') + 1}` });
      case '/elsewhere':
        return sendJson(response, { items: [1], next: 'http://other.example.com/' });
      default:
        return sendJson(response, { error: 'not found' }, 404);
    }
  });
});
afterAll(() => server.close());

async function call(config: JsonObject & { url: string }, context: StepContext = testContext()): Promise<StepOutcome> {
  const url = config.url.startsWith('/') ? server.origin + config.url : config.url;
  const resolved = httpRequest.config.resolved.parse({ ...config, url });
  return await executeHttpRequest(resolved as never, context);
}
// biome-ignore lint/suspicious/noExplicitAny: outputs are JSON of many shapes
async function output(config: JsonObject & { url: string }): Promise<any> {
  const outcome = await call(config);
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.output;
}

describe('the request', () => {
  test('query, headers and a JSON body', async () => {
    const { body, status_code } = await output({
      method: 'POST',
      url: '/echo?a=0&keep=1',
      query: { a: 'ä b', list: [1, 2], flag: true },
      headers: { 'X-Mine': 'yes' },
      body: { n: [1, null] },
    });
    expect(status_code).toBe(200);
    expect(body.query).toEqual([
      ['keep', '1'],
      ['a', 'ä b'],
      ['list', '1'],
      ['list', '2'],
      ['flag', 'true'],
    ]);
    expect(body.headers).toMatchObject({
      'x-mine': 'yes',
      'content-type': 'application/json',
      'idempotency-key': 'run_1:step:1',
      'user-agent': 'Weftline',
    });
    expect(body.body).toBe('{"n":[1,null]}');
  });

  test('forms and texts', async () => {
    const form = await output({ method: 'PUT', url: '/echo', body_type: 'form', body: { a: 'x y', b: [1, 2], c: null } });
    expect(form.body.body).toBe('a=x+y&b=1&b=2&c=null');
    expect(form.body.headers['content-type']).toContain('x-www-form-urlencoded');
    const text = await output({ method: 'POST', url: '/echo', body: 'hello', headers: { 'Content-Type': 'text/csv' } });
    expect([text.body.body, text.body.headers['content-type']]).toEqual(['hello', 'text/csv']);
    expect((await output({ method: 'POST', url: '/echo', body_type: 'json', body: 'hello' })).body.body).toBe('"hello"');
  });

  test('checklist #32: signs in as the config says', async () => {
    const authorization = async (auth: JsonObject) => (await output({ url: '/echo', auth })).body.headers.authorization;
    expect(await authorization({ type: 'bearer', token: 'abc' })).toBe('Bearer abc');
    expect(await authorization({ type: 'basic', username: 'ada', password: 'pä:ss' })).toBe(
      `Basic ${Buffer.from('ada:pä:ss').toString('base64')}`,
    );
    expect((await output({ url: '/echo', auth: { type: 'header', name: 'X-Key', value: 'k' } })).body.headers['x-key']).toBe('k');
    expect((await output({ url: '/echo?a=1', auth: { type: 'query', name: 'key', value: 'k&' } })).body.query).toEqual([
      ['a', '1'],
      ['key', 'k&'],
    ]);
    for (const auth of [{ type: 'bearer' }, { type: 'basic', username: 'a' }, { type: 'header', name: 'X' }, { type: 'magic' }]) {
      expect([auth, httpRequest.config.drawn.safeParse({ url: 'http://a.example', auth }).success]).toEqual([auth, false]);
    }
  });

  test('files and fields in a multipart body, the same bytes at each attempt', async () => {
    const body = {
      title: 'a "b"',
      tags: ['x', 'y'],
      file: { filename: 'a\r\n".txt', content_type: 'text/plain', text: 'hällo' },
      raw: { filename: 'b.bin', base64: '/wD+' },
    };
    const sent = await output({ method: 'POST', url: '/echo', body_type: 'multipart', body });
    const type = sent.body.headers['content-type'] as string;
    const parsed = await new Response(sent.body.body, { headers: { 'content-type': type } }).formData();
    expect([parsed.get('title'), parsed.getAll('tags')]).toEqual(['a "b"', ['x', 'y']]);
    const file = parsed.get('file') as File;
    expect([file.type, await file.text()]).toEqual(['text/plain', 'hällo']);
    expect((await output({ method: 'POST', url: '/echo', body_type: 'multipart', body })).body.headers['content-type']).toBe(type);
  });

  test('bytes from base64, and a clear error for what is none', async () => {
    const sent = await output({ method: 'POST', url: '/echo', body_type: 'base64', body: 'aOk=' });
    expect(sent.body.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '2' });
    for (const [body_type, body] of [
      ['base64', '!!'],
      ['multipart', 'text'],
      ['form', [1]],
    ] as const) {
      expect(await call({ method: 'POST', url: '/echo', body_type, body: body as never })).toMatchObject({
        retryable: false,
        error: { code: 'CONFIG_INVALID', path: '/config/body' },
      });
    }
  });

  test.each(['GET', 'HEAD', 'OPTIONS'])('%s carries no idempotency key', async (method) => {
    await output({ method, url: '/echo' });
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('idempotency-key');
  });

  test('one’s own idempotency key wins', async () => {
    expect((await output({ method: 'DELETE', url: '/echo', headers: { 'Idempotency-Key': 'mine' } })).body.headers['idempotency-key']).toBe(
      'mine',
    );
  });

  test('redirects are followed, or are an answer', async () => {
    expect((await output({ url: '/redirect' })).body.method).toBe('GET');
    expect(await call({ url: '/redirect', follow_redirects: false })).toMatchObject({ kind: 'failed', error: { code: 'HTTP_STATUS' } });
    expect((await output({ url: '/redirect', follow_redirects: false, accept_statuses: ['3xx'] })).status_code).toBe(302);
  });
});

describe('the answer', () => {
  test.each<[string, JsonObject, unknown]>([
    ['/problem', {}, { a: 1 }],
    ['/problem', { response: 'text' }, '{"a":1}'],
    ['/text', {}, 'hé'],
    ['/bytes', {}, '/wD+'],
    ['/text', { response: 'base64' }, 'aOk='],
    ['/empty', {}, null],
    ['/broken-json', {}, '{"a":'],
    ['/odd-json', {}, { nul: 'a\uFFFDb', lone: '\uFFFD' }],
  ])('%s %j', async (url, more, body) => expect((await output({ url, ...more })).body).toEqual(body));

  test('checklist #97: bytes say that they are base64', async () => {
    expect(await output({ url: '/bytes' })).toMatchObject({ body: '/wD+', encoding: 'base64' });
    expect(await output({ url: '/text' })).not.toHaveProperty('encoding');
  });

  test('headers are one object in lower case, repeated ones joined', async () => {
    expect((await output({ url: '/cookies' })).headers['set-cookie']).toBe('a=1, b=2');
  });
});

describe('failures', () => {
  test.each<[number, boolean]>([
    [404, false],
    [400, false],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
  ])('status %i, worth a retry: %s', async (code, retryable) => {
    expect(await call({ url: `/status?code=${code}&token=secret` })).toMatchObject({
      kind: 'failed',
      retryable,
      error: {
        code: 'HTTP_STATUS',
        message: expect.stringMatching(new RegExp(`^GET ${server.origin}/status answered ${code}`)),
        data: { status_code: code, body: { reason: 'because' }, retry_after: '7', url: `${server.origin}/status` },
      },
    });
  });

  test.each<[JsonObject['x'], boolean]>([
    [[404], true],
    [['404'], true],
    [['4xx'], true],
    [['any'], true],
    [[200, '5xx'], false],
    [[], false],
  ])('accept_statuses %j takes 404: %s', async (accept_statuses, accepted) => {
    const outcome = await call({ url: '/status?code=404', accept_statuses: accept_statuses ?? null });
    expect(outcome.kind).toBe(accepted ? 'completed' : 'failed');
  });

  test('retry_statuses decide what is worth a retry, and Retry-After when', async () => {
    const outcome = await call({ url: '/status?code=404', retry_statuses: [404] });
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, retryAfter: expect.any(Number) });
    expect(outcome.kind === 'failed' && outcome.retryAfter).toBe(7000);
    expect(await call({ url: '/status?code=503', retry_statuses: [] })).toMatchObject({ retryable: false });
    expect(await call({ url: '/status?code=503', retry_statuses: ['4xx'] })).toMatchObject({ retryable: false });
  });

  test.each<[string, number | undefined]>([
    ['120', 120_000],
    ['0', undefined],
    ['Thu, 01 Jan 1970 00:02:00 GMT', 119_000],
    ['Wed, 31 Dec 1969 00:00:00 GMT', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('Retry-After %j', (header, at) => expect(retryAfterOf(header, 1000)).toBe(at));

  test('too large, compressed too', async () => {
    for (const url of ['/large', '/bomb'])
      expect(await call({ url })).toMatchObject({ retryable: false, error: { code: 'RESPONSE_TOO_LARGE' } });
  });

  test('no JSON where JSON was asked for', async () => {
    expect(await call({ url: '/broken-json', response: 'json' })).toMatchObject({
      error: { code: 'RESPONSE_NOT_JSON', data: { body: '{"a":' } },
    });
  });

  test('time', async () => {
    expect(await call({ url: '/hang', timeout: '80ms' })).toMatchObject({ retryable: true, error: { code: 'HTTP_TIMEOUT' } });
    const context = testContext();
    setTimeout(() => context.abort(), 50);
    expect(await call({ url: '/hang' }, context)).toMatchObject({ retryable: false, error: { code: 'STEP_ABORTED' } });
  });

  test('the network, in words', async () => {
    expect(await call({ url: 'http://127.0.0.1:59999/x?key=secret' })).toMatchObject({
      retryable: true,
      error: { code: 'HTTP_NETWORK', message: 'Could not call http://127.0.0.1:59999/x: the connection was refused (ECONNREFUSED)' },
    });
    expect(await call({ url: 'http://no-such-host.invalid/' })).toMatchObject({ retryable: true, error: { code: 'HTTP_NETWORK' } });
    expect(await call({ url: '/cut' })).toMatchObject({
      retryable: true,
      error: { code: 'HTTP_NETWORK', message: expect.stringContaining('cut') },
    });
  });
});

describe('paging', () => {
  const all = [1, 2, 3, 4, 5, 6].map((id) => ({ id }));
  test.each<[string, JsonObject]>([
    ['a link in the answer', { mode: 'next_link', items: 'data.items', next: 'meta.next' }],
    ['the Link header', { mode: 'next_link', items: 'data.items' }],
    ['page numbers to the first empty page', { mode: 'page', items: 'data.items' }],
    ['page numbers while there is more', { mode: 'page', items: 'data.items', next: 'meta.more' }],
  ])('by %s', async (_name, paging) => {
    expect((await output({ url: '/pages', paging })).body).toEqual(all);
  });

  test('by cursor', async () => {
    expect(await output({ url: '/cursor', paging: { mode: 'cursor', items: 'items' } })).toMatchObject({ body: [0, 1, 2], pages: 3 });
  });

  test('has an end, stays on its origin, and says what it does not find', async () => {
    expect(await call({ url: '/endless', paging: { mode: 'next_link', items: 'items', max_pages: 5 } })).toMatchObject({
      error: { code: 'PAGING_LIMIT' },
    });
    expect(await call({ url: '/elsewhere', paging: { mode: 'next_link', items: 'items' } })).toMatchObject({
      error: {
        code: 'PAGING_ERROR',
        message: 'Page 1: The next link leads to another origin, http://other.example.com; it is not followed',
      },
    });
    expect(await call({ url: '/pages', paging: { mode: 'page', items: 'rows' } })).toMatchObject({
      error: { code: 'PAGING_ERROR', message: "Page 1: 'rows' in the answer is not a list" },
    });
  });
});
