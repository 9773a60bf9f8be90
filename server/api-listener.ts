import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { api } from '#lib/http/api.ts';

/** Node's way into the Hono app: what the web process answers API paths with, and what the benchmark measures. */
export function apiListener(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return getRequestListener((request, bindings) => api().fetch(request, bindings), { overrideGlobalObjects: false });
}
