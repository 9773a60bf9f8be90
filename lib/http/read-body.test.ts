import { describe, expect, it, vi } from 'vitest';
import type { AppError } from '#lib/base/errors.ts';
import { MAX_BODY_BYTES, MAX_DEPTH, readJsonBody, readLimited } from '#lib/http/read-body.ts';

function post(body: BodyInit, type = 'application/json'): Request {
  return new Request('http://localhost/', { method: 'POST', body, headers: { 'content-type': type }, duplex: 'half' } as RequestInit);
}

async function refusalOf(request: Request): Promise<Pick<AppError, 'code' | 'message'> & { paths: string[] }> {
  const error = await readJsonBody(request).then(
    () => expect.fail('was accepted'),
    (thrown: AppError) => thrown,
  );
  return { code: error.code, message: error.message, paths: error.details.map((problem) => problem.path) };
}

describe('readJsonBody', () => {
  it('reads JSON and tells an empty body from null', async () => {
    expect((await readJsonBody(post('{"a":[1,"ü",null]}')))?.value).toEqual({ a: [1, 'ü', null] });
    expect((await readJsonBody(post('null')))?.value).toBeNull();
    expect(await readJsonBody(post(''))).toBeUndefined();
  });

  it('says where text stops being JSON', async () => {
    const refusal = await refusalOf(post('{"a": 1,}'));
    expect(refusal.code).toBe('bad_request');
    expect(refusal.message).toContain('position 8');
  });

  it('refuses bytes that are no UTF-8', async () => {
    expect((await refusalOf(post(new Uint8Array([0x22, 0xff, 0x22])))).code).toBe('bad_request');
  });

  it('refuses other media types', async () => {
    expect((await refusalOf(post('a=1', 'application/x-www-form-urlencoded'))).code).toBe('unsupported_media_type');
  });

  it('stops reading an endless body at the limit', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    expect((await refusalOf(post(endless))).code).toBe('payload_too_large');
    expect(sent).toBeLessThan(MAX_BODY_BYTES + 1_000_000);
  });

  it('reads a body of a declared length whole, and refuses one that is too long before it reads it', async () => {
    const declared = (text: string, length: number) =>
      new Request('http://localhost/', {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'application/json', 'content-length': String(length) },
      });
    const stream = vi.spyOn(Request.prototype, 'body', 'get');
    expect((await readJsonBody(declared('{"a":1}', 7)))?.value).toEqual({ a: 1 });
    const long = declared('{"a":1}', MAX_BODY_BYTES + 1);
    expect((await refusalOf(long)).code).toBe('payload_too_large');
    expect(long.bodyUsed).toBe(false);
    expect(stream).not.toHaveBeenCalled();
    stream.mockRestore();
    await expect(readLimited(declared('{"a":1}', 2), 5)).rejects.toThrow('larger');
  });

  it('refuses nesting that would overflow a recursive reader', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(await refusalOf(post(deep))).toMatchObject({ code: 'validation_error', message: `Nested deeper than ${MAX_DEPTH} levels` });
  });

  it('names the place of text that cannot be stored', async () => {
    expect(await refusalOf(post('{"a":{"b/c":"x\\u0000y"}}'))).toMatchObject({ code: 'validation_error', paths: ['/a/b~1c'] });
    expect(await refusalOf(post('{"a":["ok","\\ud800"]}'))).toMatchObject({ code: 'validation_error', paths: ['/a/1'] });
    expect((await refusalOf(post('{"\\u0000":1}'))).code).toBe('validation_error');
  });
});
