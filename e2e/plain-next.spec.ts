import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';

/** The built pages under Next's own server, as a plain Next deployment runs them: no `server/main.ts` in front. */
async function startNext(): Promise<{ origin: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const next = join(process.cwd(), 'node_modules', 'next', 'dist', 'bin', 'next');
  const child = spawn(process.execPath, [next, 'start', '-p', String(port), '-H', '127.0.0.1'], {
    env: { ...process.env, NODE_ENV: 'production', WEFTLINE_SECRET: 'plain-next-0123456789-0123456789-abcdef' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const until = Date.now() + 30_000;
  while (!output.includes('Ready in')) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(output);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Nobody is signed in. */
test.use({ storageState: { cookies: [], origins: [] } });

test('under a plain Next deployment every mount of the API is answered by the same app', async ({ request }) => {
  const { origin, stop } = await startNext();
  try {
    const echo = await request.post(`${origin}/mock/echo?x=1&y=a%20b`, { data: { a: 1 } });
    expect(await echo.json()).toMatchObject({ method: 'POST', path: '/mock/echo', query: { x: '1', y: 'a b' }, body: { a: 1 } });
    for (const path of ['/client/v4/accounts/a/workflows', '/compat/llamaindex/workflows', '/mcp', '/metrics', '/api/workflows']) {
      const refused = await request.get(origin + path, { headers: { authorization: 'Bearer nobody' } });
      expect(refused.headers()['content-type'], path).toContain('application/json');
      expect(await refused.json(), path).toMatchObject({ error: 'unauthorized', status: 401 });
    }
    const hook = await request.post(`${origin}/hooks/unknown`, { data: {}, headers: { authorization: 'Bearer nobody' } });
    expect(hook.headers()['content-type']).toContain('application/json');
    const page = await request.get(`${origin}/no-such-page`);
    expect(page.headers()['content-type']).toContain('text/html');
  } finally {
    await stop();
  }
});
