import { type Context, Hono } from 'hono';
import { authenticate } from '#lib/auth/authenticate.ts';
import { handleAuth } from '#lib/auth/handle-auth.ts';
import { AppError } from '#lib/base/errors.ts';
import { errorResponse } from '#lib/http/error-response.ts';
import { clientAddress, notSignedIn, requestIdOf } from '#lib/http/handle.ts';
import { handleHook } from '#lib/http/hooks.ts';
import { mockServer } from '#lib/http/mock-server.ts';
import { openApiDocument } from '#lib/http/openapi.ts';
import { operations } from '#lib/http/operations.ts';
import { readLimited } from '#lib/http/read-body.ts';

const MAX_SIGN_IN_BYTES = 16 * 1024;

const registry = globalThis as { weftlineApi?: Hono };

/** The whole HTTP surface but the pages: one Hono app, mounted by the web process and by Next's route alike. */
export function api(): Hono {
  registry.weftlineApi ??= buildApi();
  return registry.weftlineApi;
}

function buildApi(): Hono {
  const app = new Hono();
  app.on(['GET', 'POST'], '/api/auth/*', signIn);
  app.get('/api/openapi.json', async (context) => {
    if ((await authenticate(context.req.raw)) === null) throw notSignedIn();
    return context.json(openApiDocument(operations.map((entry) => entry.contract)));
  });
  for (const { contract, handle } of inRouteOrder()) app.on(contract.method, routePath(contract.path), handle);
  app.route('/mock', mockServer());
  app.on(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], '/hooks/:token', handleHook);
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

/** The library behind it reads bodies of any size, so they are read here first, up to what a sign-in can need. */
async function signIn(context: Context): Promise<Response> {
  const { url, method, headers } = context.req.raw;
  const bytes = method === 'GET' ? null : await readLimited(context.req.raw, MAX_SIGN_IN_BYTES);
  return handleAuth({
    request: new Request(url, { method, headers, body: bytes as BodyInit | null }),
    clientAddress: clientAddress(context),
  });
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
  if ((await authenticate(request)) === null) return notSignedIn();
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
