import type { lookup as systemLookup } from 'node:dns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEgressFetch, type EgressFetch } from './egress.ts';
import { isPublicAddress, readAllowList } from './egress-rules.ts';
import { sendJson, startTestServer, type TestServer } from './test-server.ts';

let own: TestServer;
let other: TestServer;
const opened: EgressFetch[] = [];

beforeAll(async () => {
  other = await startTestServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const to = url.searchParams.get('to');
    if (url.pathname === '/redirect') response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: to ?? '/' }).end();
    else if (url.pathname === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else sendJson(response, { method: request.method, body: request.text, authorization: request.headers.authorization ?? null });
  });
  own = await startTestServer((request, response) => {
    if (request.url?.startsWith('/mock/to-api')) response.writeHead(302, { location: '/api/secret' }).end();
    else sendJson(response, { own: request.url });
  });
});
afterAll(async () => {
  await Promise.all(opened.map((egress) => egress.close()));
  await Promise.all([own.close(), other.close()]);
});

/** Names that resolve as the test says. */
function fakeLookup(names: Readonly<Record<string, readonly string[]>>): typeof systemLookup {
  const lookup = (
    name: string,
    _options: unknown,
    done: (error: Error | null, found: { address: string; family: number }[]) => void,
  ): void => {
    const found = names[name];
    if (found === undefined) done(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
    else
      done(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  };
  return lookup as unknown as typeof systemLookup;
}

function egress(allow: readonly string[] = [], names: Readonly<Record<string, readonly string[]>> = {}): EgressFetch {
  const made = createEgressFetch({ allow, ownOrigin: own.origin, mockPrefix: '/mock/', lookup: fakeLookup(names) });
  opened.push(made);
  return made;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  let thrown: unknown = await call.then(
    () => new Error('It was not refused'),
    (error: unknown) => error,
  );
  while (thrown instanceof Error && !('code' in thrown) && thrown.cause) thrown = thrown.cause;
  const { code, message } = thrown as { code?: string; message: string };
  return `${code}: ${message}`;
}

describe('addresses', () => {
  test.each(['8.8.8.8', '1.1.1.1', '93.184.216.34', '2606:2800:220:1::1', '2a00:1450:4001::200e', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.8',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '239.1.1.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '100::1',
    '64:ff9b:1::1',
    'not an address',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));

  test('the allow list takes addresses, ranges and names, and says what it cannot read', () => {
    const list = readAllowList(['10.0.0.0/8', '192.168.1.5', 'fd00::/8', 'intranet', '*.corp.example.com']);
    expect(['10.9.9.9', '::ffff:10.1.1.1', '192.168.1.5', 'fd12::1'].map(list.allowsAddress)).toEqual([true, true, true, true]);
    expect(['11.0.0.1', '192.168.1.6', 'fe80::1', 'x'].map(list.allowsAddress)).toEqual([false, false, false, false]);
    expect(['INTRANET', 'a.corp.example.com', 'corp.example.com', 'xcorp.example.com'].map(list.allowsHost)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    for (const bad of ['10.0.0.0/33', 'http://x', '10.0.0.0/', 'a b', '*']) expect(() => readAllowList([bad])).toThrow(`'${bad}'`);
  });
});

describe('what is refused', () => {
  test.each([
    ['http://127.0.0.1:8000/'],
    ['http://2130706433:8000/'],
    ['http://0x7f.1:8000/'],
    ['http://[::1]:8000/'],
    ['http://[::ffff:127.0.0.1]:8000/'],
    ['http://169.254.169.254/latest/meta-data'],
    ['http://10.0.0.1/'],
    ['http://0.0.0.0:8000/'],
  ])('%s', async (url) => {
    const text = await refusal(egress()(url));
    expect(text).toContain('EGRESS_REFUSED');
    expect(text).toContain('EGRESS_ALLOW');
  });

  test('a name that resolves to an inner address, also beside a public one', async () => {
    const call = egress([], { 'evil.example.com': ['127.0.0.1'], 'mixed.example.com': ['10.0.0.1', '::1'] });
    expect(await refusal(call(`http://evil.example.com:${other.port}/`))).toBe(
      'EGRESS_REFUSED: evil.example.com (127.0.0.1) is not a public address. An administrator can allow it: add evil.example.com to EGRESS_ALLOW',
    );
    expect(await refusal(call('http://mixed.example.com/'))).toContain('EGRESS_REFUSED');
    expect(await refusal(call('http://unknown.example.com/'))).toContain('ENOTFOUND');
    expect(other.requests).toHaveLength(0);
  });

  test.each(['file:///etc/passwd', 'data:text/plain,hi', 'ftp://example.com/'])('%s', async (url) => {
    expect(await refusal(egress()(url))).toContain('Only http and https');
  });

  test('a password in the address, without showing it', async () => {
    const text = await refusal(egress()('http://ada:hunter2@example.com/'));
    expect(text).toContain('The address of example.com carries a user or password');
    expect(text).not.toContain('hunter2');
  });
});

describe('what is allowed', () => {
  test.each<[string, (port: number) => string, readonly string[]]>([
    ['an address', (port) => `http://127.0.0.1:${port}/x`, ['127.0.0.1']],
    ['a range', (port) => `http://127.0.0.1:${port}/x`, ['127.0.0.0/8']],
    ['a name', (port) => `http://inner.example.com:${port}/x`, ['inner.example.com']],
    ['the address of a name', (port) => `http://inner.example.com:${port}/x`, ['127.0.0.1/32']],
  ])('%s', async (_what, url, allow) => {
    const response = await egress(allow, { 'inner.example.com': ['127.0.0.1'] })(url(other.port));
    expect(await response.json()).toMatchObject({ method: 'GET' });
  });
});

describe('the own origin', () => {
  test('only its mock server, by every name of the loopback', async () => {
    const call = egress(['127.0.0.1', 'localhost']);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.1']) {
      expect(await (await call(`http://${host}:${own.port}/mock/echo?a=1`)).json()).toEqual({ own: '/mock/echo?a=1' });
      expect(await refusal(call(`http://${host}:${own.port}/api/workflows`))).toContain('EGRESS_REFUSED');
    }
  });

  test.each([
    '/mock/../api/x',
    '/mock/%2e%2e/api/x',
    '/mock/..%2fapi',
    '/mock/%2e%2e%2fapi',
    '/mock\\..\\api',
    '/mock/..;/api%5cx',
    '/mock//api',
    '/mockery',
    '/mock',
  ])('%s is not below it', async (path) => {
    const before = own.requests.length;
    expect(await refusal(egress(['127.0.0.1'])(`${own.origin}${path}`))).toContain('EGRESS_REFUSED');
    expect(own.requests).toHaveLength(before);
  });

  test('not through a redirect, and not through a name', async () => {
    const call = egress(['127.0.0.1', 'rebind.example.com'], { 'rebind.example.com': ['127.0.0.1'] });
    expect(await refusal(call(`${own.origin}/mock/to-api`))).toContain('Of this server itself only /mock/');
    expect(await refusal(call(`${other.origin}/redirect?to=${encodeURIComponent(`${own.origin}/api/x`)}`))).toContain('EGRESS_REFUSED');
    expect(await refusal(call(`http://rebind.example.com:${own.port}/api/x`))).toContain('is this server itself');
    expect(own.requests.some((request) => request.url.startsWith('/api'))).toBe(false);
  });
});

describe('redirects', () => {
  const to = (target: string, status = 302): string => `${other.origin}/redirect?status=${status}&to=${encodeURIComponent(target)}`;

  test('each is checked', async () => {
    const call = egress(['127.0.0.1']);
    for (const target of ['http://10.0.0.1/', 'http://[::1]:8000/', 'file:///etc/passwd', 'http://169.254.169.254/']) {
      expect(await refusal(call(to(target)))).toContain('EGRESS_REFUSED');
    }
    expect(await refusal(call(`${other.origin}/loop`))).toContain('More than 10 redirects');
  });

  test('keep or drop method, body and credentials as browsers do', async () => {
    const call = egress(['127.0.0.1', 'alias.example.com'], { 'alias.example.com': ['127.0.0.1'] });
    const init = { method: 'POST', body: 'data', headers: { authorization: 'Bearer s' } };
    expect(await (await call(to('/end'), init)).json()).toEqual({ method: 'GET', body: '', authorization: 'Bearer s' });
    expect(await (await call(to('/end', 307), init)).json()).toEqual({ method: 'POST', body: 'data', authorization: 'Bearer s' });
    const elsewhere = `http://alias.example.com:${other.port}/end`;
    expect(await (await call(to(elsewhere, 308), init)).json()).toEqual({ method: 'POST', body: 'data', authorization: null });
    expect((await call(to('/end'), { redirect: 'manual' })).status).toBe(302);
    expect(await refusal(call(to('/end'), { redirect: 'error' }))).toContain('REDIRECT_REFUSED');
  });
});
