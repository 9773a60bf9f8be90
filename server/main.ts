import { createServer } from 'node:http';
import next from 'next';
import { createFirstOwner } from '#lib/auth/first-owner.ts';
import { readEnv } from '#lib/base/env.ts';
import { errorMessage } from '#lib/base/errors.ts';
import { createLog } from '#lib/base/log.ts';
import { isApiPath } from '#lib/http/mounts.ts';
import { closeStreams } from '#lib/http/shutdown.ts';
import { apiListener } from './api-listener.ts';

/**
 * The web process. API paths go straight to the Hono app (Next's router would cost four times the request), everything
 * else to Next. On SIGTERM: take no more connections, end the open streams, let requests finish, leave within 3 s.
 */
const GRACE = 3000;
const log = createLog({ part: 'web' });

async function main(): Promise<void> {
  const env = readEnv();
  await createFirstOwner(env);
  const pages = next({ dev: env.NODE_ENV === 'development', hostname: env.HOST, port: env.PORT });
  await pages.prepare();
  const handleApi = apiListener();
  const handlePage = pages.getRequestHandler();
  const server = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'same-origin');
    response.setHeader('x-frame-options', 'DENY');
    // Pages cannot see their own path on the server; sign-in leads back to it.
    request.headers['x-path'] = request.url;
    const handled = isApiPath(request.url ?? '') ? handleApi(request, response) : handlePage(request, response);
    Promise.resolve(handled).catch((error: unknown) => {
      log.error('request failed', { error });
      response.destroy();
    });
  });
  if (env.NODE_ENV === 'development') server.on('upgrade', pages.getUpgradeHandler());
  server.listen(env.PORT, env.HOST, () => log.info('listening', { host: env.HOST, port: env.PORT }));
  server.on('error', fail);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(130));
      setTimeout(() => process.exit(0), GRACE).unref();
      closeStreams();
      server.close(() => process.exit(0));
      server.closeIdleConnections();
    });
  }
}

function fail(error: unknown): never {
  log.error(`The web process can't start: ${errorMessage(error)}`, { error });
  process.exit(1);
}

main().catch(fail);
