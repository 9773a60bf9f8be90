import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpConnection } from './http-connection.ts';

let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const told = JSON.stringify({ method: request.method, url: request.url, key: request.headers.authorization, body });
    if (request.url === '/none') response.writeHead(204).end();
    else if (request.url === '/chunks') for (const part of ['a', 'bc', '', 'd'.repeat(70_000)]) response.write(part || 'x');
    else response.end(told);
    if (request.url === '/chunks') setTimeout(() => response.end('end'), 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());

describe('the client of the benchmark', () => {
  it('sends what it is told, over one connection, and reads answers of every form', async () => {
    const connection = await HttpConnection.open(port, 'wl_key');
    const first = await connection.request('POST', '/a', '{"ü":1}');
    expect([first.status, JSON.parse(first.text)]).toEqual([200, { method: 'POST', url: '/a', key: 'Bearer wl_key', body: '{"ü":1}' }]);
    expect(await connection.request('GET', '/none')).toEqual({ status: 204, text: '' });
    expect((await connection.request('GET', '/chunks')).text).toBe(`abcx${'d'.repeat(70_000)}end`);
    const parts: string[] = [];
    expect((await connection.request('GET', '/chunks', null, (part) => parts.push(part.toString()))).text).toBe('');
    expect(parts.join('')).toMatch(/^abcxd+end$/);
    expect((await connection.request('GET', '/b')).text).toContain('"url":"/b"');
    connection.close();
  });

  it('fails where the server goes away', async () => {
    const connection = await HttpConnection.open(port, 'wl_key');
    const answer = connection.request('GET', '/chunks');
    server.closeAllConnections();
    await expect(answer).rejects.toThrow();
  });
});
