import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

/** What an answer of a start looks like. */
const ANSWER = { run_id: 'run_01kb5v7q4me7n9d2zq0x8f3c6a' };

/** The same machine, the same client, no work: every request is read and answered with a constant. */
function bareNode(): RequestListener {
  const text = JSON.stringify(ANSWER);
  return (request, response) => {
    request.resume();
    request.once('end', () => {
      response.writeHead(202, { 'content-type': 'application/json', 'content-length': text.length });
      response.end(text);
    });
  };
}

function bareHono(): RequestListener {
  const app = new Hono();
  app.post('*', async (context) => {
    await context.req.json();
    return context.json(ANSWER, 202);
  });
  return getRequestListener(app.fetch, { overrideGlobalObjects: false });
}

const server = createServer(process.env.BENCH_BARE === 'hono' ? bareHono() : bareNode());
server.listen(0, '127.0.0.1', () => process.send?.({ kind: 'ready', port: (server.address() as AddressInfo).port }));
process.on('message', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
