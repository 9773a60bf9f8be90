import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import { readAnswer } from '#lib/steps/http-request/answer.ts';
import { networkFailure } from '../outgoing.ts';
import type { AgentTool } from './settings.ts';
import type { OpenTool } from './tools.ts';

type HttpTool = Extract<AgentTool, { type: 'http_request' }>;

/** Bytes of an answer that are read, and characters of it that the model gets to see. */
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** Lets a model call the addresses that it was given, and no other. */
export function httpTool(tool: HttpTool, token: string | null, fetch: typeof globalThis.fetch): Omit<OpenTool, 'approvers'> {
  const places = `Addresses must begin with ${tool.allow.join(' or ')}`;
  return {
    name: tool.name,
    description: `${tool.description} ${places}.`,
    inputSchema: inputSchema(tool),
    async run(input, key, signal) {
      const url = URL.parse(isJsonObject(input) && typeof input.url === 'string' ? input.url : '');
      const method = isJsonObject(input) && typeof input.method === 'string' ? input.method.toUpperCase() : 'GET';
      if (url === null || !isAllowed(url, tool.allow)) return { ok: false, output: `This address may not be called. ${places}.` };
      if (!tool.methods.some((allowed) => allowed === method)) {
        return { ok: false, output: `${method} is not allowed; ${tool.methods.join(', ')} is.` };
      }
      const timer = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const init = requestInit(method, input as JsonObject, token, key);
        // A redirect might lead to an address that may not be called: the model sees where it leads.
        const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any([signal, timer]) });
        const { status, body, headers } = await readAnswer(response, 'auto', MAX_BYTES);
        const location = headers.location === undefined ? {} : { location: headers.location };
        return { ok: response.ok, output: { status_code: status, ...location, body } };
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        const context = { signal } as Parameters<typeof networkFailure>[2];
        return { ok: false, output: networkFailure(thrown, url.href, context, timer.aborted).error.message };
      }
    },
  };
}

function inputSchema({ methods }: HttpTool): JsonObject {
  const sends = methods.some((method) => method !== 'GET');
  return {
    type: 'object',
    properties: {
      method: { type: 'string', enum: [...methods] },
      url: { type: 'string', description: 'The full address, query included.' },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
      ...(sends ? { body: { description: 'Sent as JSON; a text is sent as it is.' } } : {}),
    },
    required: ['url'],
    additionalProperties: false,
  };
}

/** True for an address below one that is allowed, however a server may read it. */
function isAllowed(url: URL, allow: readonly string[]): boolean {
  if (url.username !== '' || url.password !== '' || /%(2f|5c|2e|25)|\\|\/\//i.test(url.pathname)) return false;
  return allow.some((text) => {
    const base = new URL(text);
    if (base.origin !== url.origin) return false;
    const path = base.pathname.replace(/\/$/, '');
    return url.pathname === path || url.pathname.startsWith(`${path}/`);
  });
}

function requestInit(method: string, input: JsonObject, token: string | null, key: string): RequestInit {
  const headers = new Headers({ accept: 'application/json, */*;q=0.5', 'user-agent': 'Weftline' });
  for (const [name, value] of Object.entries(isJsonObject(input.headers ?? null) ? (input.headers as JsonObject) : {})) {
    if (typeof value === 'string') headers.set(name, value);
  }
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  if (method === 'GET') return { method, headers };
  headers.set('idempotency-key', key);
  const { body } = input as { body?: Json };
  if (body === undefined) return { method, headers };
  if (!headers.has('content-type'))
    headers.set('content-type', typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json');
  return { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
