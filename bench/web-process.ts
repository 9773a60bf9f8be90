import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiListener } from '#server/api-listener.ts';

/** The web process's API under measurement: the same listener, without the pages beside it. */
const server = createServer(apiListener());
server.listen(0, '127.0.0.1', () => process.send?.({ kind: 'ready', port: (server.address() as AddressInfo).port }));
process.on('message', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
