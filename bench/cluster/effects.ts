import { createServer, type ServerResponse } from 'node:http';

/**
 * The world that steps act on: counts what is done to it, by idempotency key. Arguments: address, port. `GET /report` answers
 * all requests and the most runs that were ever inside of `/limited` at the same moment.
 *
 *     POST /effect/…   takes ?ms=… and answers
 *     POST /flaky/…    refuses the first request of a key with 503
 *     POST /limited/…  as /effect, and counts the runs inside
 */
export interface Request {
  readonly path: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Null: refused, or the caller was gone before the answer. */
  answered: number | null;
}

export interface Report {
  readonly requests: readonly Request[];
  readonly mostLimited: number;
}

const [address = '', port = ''] = process.argv.slice(2);
const requests: Request[] = [];
const refused = new Set<string>();
const inside = new Map<string, number>();
let mostLimited = 0;

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://effects');
  if (pathname === '/report') {
    response.end(JSON.stringify({ requests, mostLimited } satisfies Report));
    return;
  }
  request.resume();
  const entry: Request = { path: pathname, key: String(request.headers['idempotency-key'] ?? ''), at: Date.now(), answered: null };
  requests.push(entry);
  if (pathname.startsWith('/flaky/') && !refused.has(entry.key)) {
    refused.add(entry.key);
    response.writeHead(503).end();
    return;
  }
  if (pathname.startsWith('/limited/')) enter(pathname, response);
  setTimeout(
    () => {
      if (response.destroyed) return;
      entry.answered = Date.now();
      response.setHeader('content-type', 'application/json');
      response.end('{"ok":true}');
    },
    Number(searchParams.get('ms') ?? 0),
  );
}).listen(Number(port), address, () => console.log('ready'));

/** A run is inside from its request to the answer, or to the end of its connection. */
function enter(run: string, response: ServerResponse): void {
  inside.set(run, (inside.get(run) ?? 0) + 1);
  mostLimited = Math.max(mostLimited, inside.size);
  response.once('close', () => {
    const left = (inside.get(run) ?? 1) - 1;
    if (left === 0) inside.delete(run);
    else inside.set(run, left);
  });
}
