import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { beforeAll, describe, expect, it } from 'vitest';
import { atEnd } from '#lib/base/test-end.ts';
import { PERMISSIONS } from '#lib/contracts/contract.ts';
import { disconnect } from '#lib/db/client.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { api } from '#lib/http/api.ts';
import { createKey } from '#lib/server/create-key.ts';
import { exampleDefinition, testAccess } from '#lib/server/test-workspace.ts';

/** The API behind a real server, as the web process has it: bodies and answers take a shorter way there than in other tests. */
const server = createServer(getRequestListener((raw, bindings) => api().fetch(raw, bindings), { overrideGlobalObjects: false }));
let key: string;
let port: number;

beforeAll(async () => {
  process.env.WEFTLINE_CHECK_ANSWERS = '1';
  await freshDatabase();
  key = (await createKey(await testAccess(), { params: {}, query: {}, body: { name: 'k', scopes: [...PERMISSIONS], expires_at: null } }))
    .key;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  atEnd(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    await disconnect();
  });
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

function call(method: string, path: string, body?: string | string[], more: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more };
    const sent = request({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    if (typeof body === 'string') sent.end(body);
    else {
      // In pieces, and without a length.
      for (const part of body ?? []) sent.write(part);
      sent.end();
    }
  });
}

describe('a server', () => {
  it('reads bodies that declare their length and bodies that do not, and answers with a length', async () => {
    const definition = JSON.stringify({ definition: exampleDefinition(undefined, { name: 'Ünïcode 😀' }) });
    const whole = await call('POST', '/api/workflows', definition, { 'content-length': String(Buffer.byteLength(definition)) });
    const pieces = await call('POST', '/api/workflows', [definition.slice(0, 50), definition.slice(50)]);
    for (const made of [whole, pieces]) {
      expect(made.status).toBe(201);
      expect(made.headers['content-length']).toBe(String(Buffer.byteLength(made.text)));
      expect(made.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
      expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(JSON.parse(made.text)).toMatchObject({ workflow: { name: 'Ünïcode 😀' } });
    }
    const { id } = JSON.parse(whole.text) as { id: string };
    expect(await call('HEAD', `/api/workflows/${id}`)).toMatchObject({ status: 200, text: '' });
    expect(await call('DELETE', `/api/workflows/${id}`)).toMatchObject({ status: 204, text: '' });
    expect(await call('GET', `/api/workflows/${id}`, undefined, { 'x-request-id': 'mine' })).toMatchObject({
      status: 404,
      headers: { 'x-request-id': 'mine' },
    });
  });

  it('refuses a body that is too large, declared or not, and goes on serving', async () => {
    const large = JSON.stringify({ input_data: 'x'.repeat(1024 * 1024) });
    const declared = await call('POST', '/api/workflows/wf_00000000000000000000000000000000/run', large, {
      'content-length': String(large.length),
    });
    const pieces = await call('POST', '/api/workflows/wf_00000000000000000000000000000000/run', [large.slice(0, 1000), large.slice(1000)]);
    expect([declared.status, pieces.status]).toEqual([413, 413]);
    expect((await call('GET', '/api/workflows')).status).toBe(200);
  });
});
