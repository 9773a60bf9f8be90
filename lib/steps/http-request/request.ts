import { signIn } from './auth.ts';
import { encodeBody } from './body.ts';
import type { HttpRequestConfig } from './definition.ts';

const CHANGES_SOMETHING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** The address with the query of the config added. */
export function buildUrl(config: HttpRequestConfig, extra: Readonly<Record<string, string>> = {}): string {
  const url = new URL(config.url);
  const query: Record<string, string | number | boolean | (string | number | boolean)[]> = { ...config.query, ...extra };
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.delete(name);
    for (const item of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(item));
  }
  return url.href;
}

export interface BuiltRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** A request as it is sent. Throws where a header cannot be sent, and BodyError. */
export function buildRequest(config: HttpRequestConfig, address: string, idempotencyKey: string): BuiltRequest {
  const at = new URL(address);
  const headers = new Headers();
  for (const [name, value] of Object.entries(config.headers ?? {})) headers.set(name, String(value));
  signIn(config.auth, headers, at);
  const url = at.href;
  setDefault(headers, 'user-agent', 'Weftline');
  setDefault(headers, 'accept', 'application/json, */*;q=0.5');
  if (CHANGES_SOMETHING.has(config.method)) setDefault(headers, 'idempotency-key', headerSafe(idempotencyKey));
  if (config.body === undefined || config.method === 'GET' || config.method === 'HEAD') return { url, method: config.method, headers };
  const { body, contentType } = encodeBody(config);
  setDefault(headers, 'content-type', contentType);
  return { url, method: config.method, headers, body };
}

function setDefault(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) headers.set(name, value);
}

function headerSafe(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '_');
}

/** True when the config accepts the status; without a list every 2xx. */
export function isAccepted(status: number, accepted: HttpRequestConfig['accept_statuses']): boolean {
  if (accepted === undefined || accepted.length === 0) return status >= 200 && status < 300;
  return isListed(status, accepted);
}

/** True where a status stands in a list of statuses and classes. */
export function isListed(status: number, list: NonNullable<HttpRequestConfig['accept_statuses']>): boolean {
  return list.some((item) => {
    if (item === 'any') return true;
    if (typeof item === 'string' && item.endsWith('xx')) return item.startsWith(String(Math.floor(status / 100)));
    return Number(item) === status;
  });
}
