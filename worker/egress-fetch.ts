import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';

/**
 * `fetch` for steps, with a guard against reaching what only this machine or its network should reach. The address is
 * judged when the connection is made, after the name was resolved, so neither a redirect nor a name that changes its answer
 * gets around it. Loopback, link-local, private, shared and metadata ranges are refused; EGRESS_ALLOW opens host names,
 * addresses and networks. Of the product's own origin, the paths under `/mock/` are always open.
 */

const REFUSED = new BlockList();
// RFC 6890 and its successors: what is not the public internet.
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  REFUSED.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  REFUSED.addSubnet(net, bits, 'ipv6');
}

/** What EGRESS_ALLOW opens: host names (`*.example.com` for all below), addresses, networks (`10.0.0.0/8`). */
class Allowed {
  readonly #names = new Set<string>();
  readonly #suffixes: string[] = [];
  readonly #addresses = new BlockList();

  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [host = '', bits] = entry.replace(/^\[(.*)\]$/, '$1').split('/');
      const family = isIP(host);
      if (family !== 0 && bits !== undefined) this.#addresses.addSubnet(host, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
      else if (family !== 0) this.#addresses.addAddress(host, family === 6 ? 'ipv6' : 'ipv4');
      else if (host.startsWith('*.')) this.#suffixes.push(host.slice(1).toLowerCase());
      else this.#names.add(host.toLowerCase());
    }
  }

  name(host: string): boolean {
    const lower = host.toLowerCase();
    return this.#names.has(lower) || this.#suffixes.some((suffix) => lower.endsWith(suffix));
  }

  address(address: string): boolean {
    return this.#addresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}

/** A connection that the rules forbid. */
class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
  readonly code = 'EGRESS_REFUSED';
}

/** Redirects followed by one call, as browsers do. */
const MAX_REDIRECTS = 20;

/** Builds the guarded `fetch`. `ownOrigin`: where the product itself answers. */
export function createEgressFetch({ allow, ownOrigin }: { allow: readonly string[]; ownOrigin: string }): typeof fetch {
  const allowed = new Allowed(allow);
  const guarded = new Agent({
    connect: guardedConnect(allowed),
    connections: 256,
    pipelining: 1,
    headersTimeout: 300_000,
    bodyTimeout: 300_000,
  });
  // Only ever used for paths under /mock/ of our own origin.
  const own = new Agent({ connections: 256, pipelining: 1, headersTimeout: 300_000, bodyTimeout: 300_000 });
  const origin = new URL(ownOrigin).origin;

  async function follow(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    let url = new URL(input instanceof Request ? input.url : input);
    let request: RequestInit = { ...init, redirect: 'manual' };
    for (let hops = 0; ; hops++) {
      const dispatcher = isMock(url, origin) ? own : guarded;
      const response = (await undiciFetch(url, { ...request, dispatcher } as never)) as unknown as Response;
      const next = init.redirect === 'manual' ? null : redirectOf(response, url);
      if (next === null) return response;
      await response.body?.cancel().catch(() => {});
      if (init.redirect === 'error') throw withCode(new TypeError('The server redirects, which this call forbids'), 'REDIRECT_REFUSED');
      if (hops >= MAX_REDIRECTS) throw withCode(new TypeError(`More than ${MAX_REDIRECTS} redirects`), 'REDIRECT_REFUSED');
      request = redirected(request, response.status, url, next);
      url = next;
    }
  }
  return follow as typeof fetch;
}

function isMock(url: URL, origin: string): boolean {
  // The parser has normalised the path: no dot segments are left; an encoded slash or dot is not taken for one.
  return url.origin === origin && url.pathname.startsWith('/mock/') && !/%2e|%2f|%5c/i.test(url.pathname);
}

function redirectOf(response: Response, from: URL): URL | null {
  const location = response.headers.get('location');
  if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return null;
  const next = new URL(location, from);
  if (next.protocol !== 'http:' && next.protocol !== 'https:')
    throw withCode(new TypeError(`A redirect to ${next.protocol} is not followed`), 'REDIRECT_REFUSED');
  return next;
}

/** The next call of a redirect, as the fetch standard says: credentials don't cross origins, 303 becomes GET. */
function redirected(request: RequestInit, status: number, from: URL, next: URL): RequestInit {
  const headers = new Headers(request.headers);
  const method = (request.method ?? 'GET').toUpperCase();
  const rewrites = (status === 303 && method !== 'GET' && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST');
  if (from.origin !== next.origin) for (const name of ['authorization', 'cookie', 'proxy-authorization']) headers.delete(name);
  if (!rewrites) return { ...request, headers };
  for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language', 'content-location']) headers.delete(name);
  return { ...request, method: 'GET', body: null, headers };
}

function guardedConnect(allowed: Allowed): buildConnector.connector {
  const connect = buildConnector({
    timeout: 10_000,
    lookup: (hostname, options, callback) => {
      dnsLookup(hostname, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, '', 0);
        const usable = found.filter(({ address }) => mayReach(address, allowed));
        const first = usable[0];
        if (first === undefined) return callback(refusal(hostname, found[0]?.address), '', 0);
        if (options.all) return (callback as (error: null, addresses: typeof usable) => void)(null, usable);
        return callback(null, first.address, first.family);
      });
    },
  });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    if (allowed.name(host)) return openConnect(options, callback);
    // An address in the URL is never looked up, so it is judged here.
    if (isIP(host) !== 0 && !mayReach(host, allowed)) return callback(refusal(host), null);
    return connect(options, callback);
  };
}

const openConnect = buildConnector({ timeout: 10_000 });

function mayReach(address: string, allowed: Allowed): boolean {
  const plain = address.replace(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i, '$1').replace(/%.*$/, '');
  return allowed.address(plain) || !REFUSED.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

function refusal(host: string, address?: string): EgressRefused {
  const where = address === undefined || address === host ? host : `${host} (${address})`;
  return new EgressRefused(`${where} is not on the public internet; EGRESS_ALLOW can open it for this instance`);
}

function withCode(error: Error, code: string): Error {
  return Object.assign(error, { code });
}
