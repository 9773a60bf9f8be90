import type { Json, JsonObject } from '#lib/base/json.ts';
import { cleanJson, cleanText } from '../clean-json.ts';
import { readBytes } from '../outgoing.ts';
import type { HttpRequestConfig } from './definition.ts';

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: JsonObject;
  readonly body: Json;
  /** `base64` where the body is bytes, null where it is text or JSON. */
  readonly encoding: 'base64' | null;
}

interface Body {
  readonly body: Json;
  readonly encoding: 'base64' | null;
}

/** An answer that was to be JSON and is none. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
  readonly text: string;
  constructor(text: string) {
    super('The answer is not JSON');
    this.text = text;
  }
}

/** Reads an answer in full. Throws AnswerTooLarge over `limit` bytes, NotJson where JSON was asked for and is none. */
export async function readAnswer(response: Response, reading: HttpRequestConfig['response'], limit: number): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) headers[name] = cleanText(name in headers ? `${headers[name]}, ${value}` : value);
  const bytes = await readBytes(response, limit);
  const read = readBody(bytes, response.headers.get('content-type') ?? '', reading ?? 'auto', response.ok);
  return { status: response.status, statusText: response.statusText, headers, ...read };
}

function readBody(bytes: Uint8Array<ArrayBuffer>, contentType: string, reading: 'auto' | 'json' | 'text' | 'base64', ok: boolean): Body {
  const plain = (body: Json): Body => ({ body, encoding: null });
  if (reading === 'base64') return { body: toBase64(bytes), encoding: 'base64' };
  if (bytes.byteLength === 0) return plain(null);
  const text = decode(bytes, contentType);
  if (reading === 'text') return plain(cleanText(text ?? new TextDecoder().decode(bytes)));
  const claimsJson = /^application\/([^;]*\+)?json\b/i.test(contentType) || contentType === '';
  if (reading === 'json' || claimsJson) {
    const value = parse(text ?? '');
    if (value !== undefined) return plain(cleanJson(value));
    if (reading === 'json' && ok) throw new NotJson(text ?? '');
  }
  return text === null ? { body: toBase64(bytes), encoding: 'base64' } : plain(cleanText(text));
}

/** Text of the bytes in the charset of the content type, UTF-8 without one; null where they are no text. */
function decode(bytes: Uint8Array<ArrayBuffer>, contentType: string): string | null {
  const charset = /charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return /^(text\/|application\/(.*\+)?(json|xml))/i.test(contentType) ? new TextDecoder().decode(bytes) : null;
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
