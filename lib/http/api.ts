import { Hono } from 'hono';
import { authenticate } from '#lib/auth/authenticate.ts';
import { handleAuth } from '#lib/auth/handle-auth.ts';
import { AppError } from '#lib/base/errors.ts';
import { errorResponse } from '#lib/http/error-response.ts';
import { clientAddress, requestIdOf } from '#lib/http/handle.ts';
import { mockServer } from '#lib/http/mock-server.ts';
import { openApiDocument } from '#lib/http/openapi.ts';
import { operations } from '#lib/http/operations.ts';

const registry = globalThis as { weftlineApi?: Hono };

/** The whole HTTP surface but the pages: one Hono app, mounted by the web process and by Next's route alike. */
export function api(): Hono {
  registry.weftlineApi ??= buildApi();
  return registry.weftlineApi;
}

function buildApi(): Hono {
  const app = new Hono();
  app.on(['GET', 'POST'], '/api/auth/*', (context) => handleAuth({ request: context.req.raw, clientAddress: clientAddress(context) }));
  app.get('/api/openapi.json', (context) => context.json(openApiDocument(operations.map((entry) => entry.contract))));
  for (const { contract, handle } of inRouteOrder()) app.on(contract.method, routePath(contract.path), handle);
  app.route('/mock', mockServer());
  app.notFound(async (context) => {
    const request = context.req.raw;
    const requestId = requestIdOf(request);
    try {
      return errorResponse(await refusal(request, context.req.path), requestId, allowHeader(context.req.path));
    } catch (thrown) {
      return errorResponse(thrown, requestId);
    }
  });
  app.onError((thrown, context) => errorResponse(thrown, requestIdOf(context.req.raw)));
  return app;
}

/** Fixed segments before parameters: `/runs/{id}` must win over `/{id}/runs`, `/templates` over `/{id}`. */
function inRouteOrder() {
  const parameters = (path: string) =>
    path
      .split('/')
      .map((segment) => (segment.startsWith('{') ? '1' : '0'))
      .join('');
  return [...operations].sort((a, b) => parameters(a.contract.path).localeCompare(parameters(b.contract.path)));
}

function routePath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Nobody learns what exists without signing in; who has, learns whether the path or the method was wrong. */
async function refusal(request: Request, path: string): Promise<AppError> {
  if ((await authenticate(request)) === null)
    return new AppError('unauthorized', 'Sign in, or send an API key as "Authorization: Bearer wl_…".');
  const methods = methodsOf(path);
  if (methods.length === 0) return new AppError('not_found', `There is nothing at ${path}.`);
  return new AppError('method_not_allowed', `${path} answers to ${methods.join(', ')}.`);
}

function methodsOf(path: string): string[] {
  const matching = operations.filter(({ contract }) => new RegExp(`^${contract.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
  return [...new Set(matching.map(({ contract }) => contract.method))];
}

function allowHeader(path: string): Record<string, string> {
  const methods = methodsOf(path);
  return methods.length === 0 ? {} : { allow: methods.join(', ') };
}
