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

/** Method, headers and body of a request. Throws where a header cannot be sent. */
export function buildInit(config: HttpRequestConfig, idempotencyKey: string): { method: string; headers: Headers; body?: string } {
  const headers = new Headers();
  for (const [name, value] of Object.entries(config.headers ?? {})) headers.set(name, String(value));
  setDefault(headers, 'user-agent', 'Weftline');
  setDefault(headers, 'accept', 'application/json, */*;q=0.5');
  if (CHANGES_SOMETHING.has(config.method)) setDefault(headers, 'idempotency-key', headerSafe(idempotencyKey));
  if (config.body === undefined || config.method === 'GET' || config.method === 'HEAD') return { method: config.method, headers };
  const { body, contentType } = encodeBody(config);
  setDefault(headers, 'content-type', contentType);
  return { method: config.method, headers, body };
}

function setDefault(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) headers.set(name, value);
}

function headerSafe(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '_');
}

function encodeBody({ body, body_type }: HttpRequestConfig): { body: string; contentType: string } {
  const kind = body_type ?? (typeof body === 'string' ? 'text' : 'json');
  if (kind === 'json') return { body: JSON.stringify(body), contentType: 'application/json' };
  if (kind === 'text') return { body: typeof body === 'string' ? body : JSON.stringify(body), contentType: 'text/plain; charset=utf-8' };
  const form = new URLSearchParams();
  const members = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  for (const [name, value] of members) {
    for (const item of Array.isArray(value) ? value : [value]) form.append(name, typeof item === 'string' ? item : JSON.stringify(item));
  }
  return {
    body: typeof body === 'string' ? body : form.toString(),
    contentType: 'application/x-www-form-urlencoded;charset=UTF-8',
  };
}

/** True when the config accepts the status; without a list every 2xx. */
export function isAccepted(status: number, accepted: HttpRequestConfig['accept_statuses']): boolean {
  if (accepted === undefined || accepted.length === 0) return status >= 200 && status < 300;
  return accepted.some((item) => {
    if (item === 'any') return true;
    if (typeof item === 'string' && item.endsWith('xx')) return item.startsWith(String(Math.floor(status / 100)));
    return Number(item) === status;
  });
}
