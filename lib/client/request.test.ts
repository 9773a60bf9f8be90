import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ApiError, addressOf, request } from '#lib/client/request.ts';
import { contract } from '#lib/contracts/contract.ts';

const base = { operation: 'probe', tag: 'Test', summary: 'Probe', permission: null } as const;
const read = contract({
  ...base,
  method: 'GET',
  path: '/api/things/{id}',
  status: 200,
  params: z.object({ id: z.string() }),
  query: z.object({ limit: z.number().optional(), search: z.string().optional() }),
  answer: z.object({ name: z.string() }),
});
const start = contract({
  ...base,
  method: 'POST',
  path: '/api/things',
  status: 204,
  bodyOptional: true,
  body: z.object({ a: z.number().optional() }),
  answer: z.null(),
});

afterEach(() => vi.unstubAllGlobals());

function answerWith(status: number, body?: unknown) {
  const fetched = vi.fn(async (_address: string, _init: RequestInit) =>
    body === undefined ? new Response(null, { status }) : new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }),
  );
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

describe('addressOf', () => {
  test('fills in path parameters, escaped, and leaves out empty query values', () => {
    expect(addressOf(read, { params: { id: 'a/b c' }, query: { limit: 5, search: '' } })).toBe('/api/things/a%2Fb%20c?limit=5');
    expect(addressOf(read, { params: { id: 'x' } })).toBe('/api/things/x');
  });
});

describe('request', () => {
  test('answers the parsed body', async () => {
    answerWith(200, { name: 'one' });
    await expect(request(read, { params: { id: 'x' } })).resolves.toEqual({ name: 'one' });
  });

  test('sends no body where none is given and none is needed', async () => {
    const fetched = answerWith(204);
    await expect(request(start)).resolves.toBeNull();
    expect(fetched.mock.calls[0]?.[1].body).toBeUndefined();
  });

  test('throws the refusal with code, status, places and request id', async () => {
    const details = [{ path: '/name', code: 'REQUIRED', message: 'A key needs a name' }];
    answerWith(422, { error: 'validation_error', message: 'One fault', status: 422, details, request_id: 'req_1' });
    const thrown = await request(start, { body: { a: 1 } }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ code: 'validation_error', status: 422, details, requestId: 'req_1' });
  });

  test('a body that is no refusal of ours still gives a sentence', async () => {
    answerWith(502, '<html>');
    await expect(request(start)).rejects.toMatchObject({ code: 'internal_error', status: 502, details: [] });
  });

  test('a server that cannot be reached is told apart from one that refuses', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('fetch failed')));
    await expect(request(start)).rejects.toMatchObject({ code: 'unavailable', status: 0 });
  });
});
