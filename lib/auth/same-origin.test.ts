import { describe, expect, it } from 'vitest';
import { isLocalVisitor } from './client-address.ts';
import { mayChangeByCookie } from './same-origin.ts';

function call(headers: Record<string, string>, method = 'POST'): Request {
  return new Request('http://127.0.0.1:3000/api/workflows', { method, headers });
}

describe('mayChangeByCookie', () => {
  const cases: [string, Request, boolean][] = [
    ['reading is always allowed', call({ origin: 'https://evil.example' }, 'GET'), true],
    ['a page of ours, by Sec-Fetch-Site', call({ 'sec-fetch-site': 'same-origin' }), true],
    ['a foreign page', call({ 'sec-fetch-site': 'cross-site' }), false],
    ['another port of the same machine', call({ 'sec-fetch-site': 'same-site' }), false],
    ['a page of ours, by Origin', call({ host: 'flows.example:8080', origin: 'http://flows.example:8080' }), true],
    ['behind a proxy that ends TLS', call({ host: 'flows.example', origin: 'https://flows.example' }), true],
    ['a foreign origin', call({ host: 'flows.example', origin: 'https://evil.example' }), false],
    ['an opaque origin', call({ host: 'flows.example', origin: 'null' }), false],
    ['neither header', call({ host: 'flows.example' }), false],
    ['the configured origin behind a proxy that renames the host', call({ host: 'web:3000', origin: 'https://known.example' }), true],
  ];
  it.each(cases)('%s', (_name, request, allowed) => {
    expect(mayChangeByCookie(request, 'https://known.example')).toBe(allowed);
  });
});

describe('isLocalVisitor', () => {
  const cases: [string, string | null, Record<string, string>, boolean][] = [
    ['at the machine', '127.0.0.1', { host: '127.0.0.1:3000' }, true],
    ['at the machine by name', '::1', { host: 'localhost:3000' }, true],
    ['mapped IPv4', '::ffff:127.0.0.1', { host: '[::1]:3000' }, true],
    ['another machine', '192.168.1.20', { host: 'localhost:3000' }, false],
    ['a proxy on the machine', '127.0.0.1', { host: 'localhost', 'x-forwarded-for': '203.0.113.9' }, false],
    ['a foreign name that points here', '127.0.0.1', { host: 'rebound.example' }, false],
    ['an unknown peer', null, { host: 'localhost' }, false],
  ];
  it.each(cases)('%s', (_name, clientAddress, headers, local) => {
    expect(isLocalVisitor({ request: call(headers), clientAddress })).toBe(local);
  });
});
