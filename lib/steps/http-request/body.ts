import { createHash } from 'node:crypto';
import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { HttpRequestConfig } from './definition.ts';

export interface EncodedBody {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** A body that its type can't take. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

/** The bytes of a body and their media type. Throws BodyError. */
export function encodeBody({ body, body_type }: HttpRequestConfig): EncodedBody {
  const kind = body_type ?? (typeof body === 'string' ? 'text' : 'json');
  switch (kind) {
    case 'json':
      return { body: JSON.stringify(body), contentType: 'application/json' };
    case 'text':
      return { body: typeof body === 'string' ? body : JSON.stringify(body), contentType: 'text/plain; charset=utf-8' };
    case 'base64':
      return { body: fromBase64(body, 'The body'), contentType: 'application/octet-stream' };
    case 'form':
      return {
        body: typeof body === 'string' ? body : new URLSearchParams(fieldsOf(body).map(([name, item]) => [name, textOf(item)])).toString(),
        contentType: 'application/x-www-form-urlencoded;charset=UTF-8',
      };
    case 'multipart':
      return encodeMultipart(fieldsOf(body));
  }
}

/** The members of an object; one that is a list gives a field for each item. */
function fieldsOf(body: Json | undefined): [string, Json][] {
  if (body === undefined || !isJsonObject(body)) throw new BodyError('A form needs an object; its members are the fields');
  return Object.entries(body).flatMap(([name, value]): [string, Json][] =>
    Array.isArray(value) ? value.map((item): [string, Json] => [name, item]) : [[name, value]],
  );
}

/** RFC 7578. The boundary comes from the content, so that every attempt sends the same bytes. */
function encodeMultipart(fields: readonly [string, Json][]): EncodedBody {
  const boundary = `weftline-${createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 32)}`;
  const parts: Uint8Array[] = [];
  for (const [name, value] of fields) {
    const { head, bytes } = partOf(name, value);
    parts.push(Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`, 'utf8'), bytes, Buffer.from('\r\n', 'utf8'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`, 'utf8'));
  return { body: new Uint8Array(Buffer.concat(parts)), contentType: `multipart/form-data; boundary=${boundary}` };
}

function partOf(name: string, value: Json): { head: string; bytes: Uint8Array } {
  const disposition = `Content-Disposition: form-data; name="${quoted(name)}"`;
  if (!isJsonObject(value) || typeof value.filename !== 'string') return { head: disposition, bytes: Buffer.from(textOf(value), 'utf8') };
  const { filename, content_type: type, base64, text } = value;
  const mediaType = typeof type === 'string' ? type.replace(/[\r\n]/g, '') : 'application/octet-stream';
  const bytes = base64 === undefined ? Buffer.from(textOf(text ?? ''), 'utf8') : fromBase64(base64, `The file '${filename}'`);
  return { head: `${disposition}; filename="${quoted(filename)}"\r\nContent-Type: ${mediaType}`, bytes };
}

function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function fromBase64(value: Json | undefined, what: string): Uint8Array<ArrayBuffer> {
  const text = typeof value === 'string' ? value.replace(/\s+/g, '') : null;
  if (text === null || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw new BodyError(`${what} is not base64`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}
