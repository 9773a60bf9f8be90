import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import { api } from '#lib/http/api.ts';

/** The API behind a real HTTP server on loopback. */
export async function serveApi(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { server, port } = await new Promise<{ server: ServerType; port: number }>((resolve) => {
    const made = serve({ fetch: api().fetch, port: 0, hostname: '127.0.0.1' }, (info: AddressInfo) =>
      resolve({ server: made, port: info.port }),
    );
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
