import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';
import { type AllowList, carriedV4, isPublicAddress, readAllowList } from './egress-rules.ts';

/**
 * The only `fetch` that steps get. It decides by the address that a connection is really made to, so neither a name
 * that resolves to an inner address nor one that changes between check and use gets through; each redirect is a new
 * request under the same rules.
 */
export interface EgressOptions {
  /** Entries of EGRESS_ALLOW: addresses, ranges, host names. */
  readonly allow: readonly string[];
  /** Where the product itself answers, such as `http://127.0.0.1:3000`; null where it does not. */
  readonly ownOrigin: string | null;
  /** The only paths of the own origin that may be called. */
  readonly mockPrefix: string;
  /** For tests: how names become addresses. */
  readonly lookup?: typeof systemLookup;
  /** Milliseconds to connect, to the first byte of an answer, and between its parts. */
  readonly timeouts?: { readonly connect: number; readonly headers: number; readonly body: number };
}

export type EgressFetch = typeof fetch & {
  /** Closes the connections that are kept open. */
  close(): Promise<void>;
};

/** A call that the rules forbid. Another attempt ends the same way. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
  readonly code: 'EGRESS_REFUSED' | 'REDIRECT_REFUSED';
  constructor(message: string, code: 'EGRESS_REFUSED' | 'REDIRECT_REFUSED' = 'EGRESS_REFUSED') {
    super(message);
    this.code = code;
  }
}

const MAX_REDIRECTS = 10;
/** Bytes of one answer as they arrive; the steps have lower limits of their own. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const DEFAULT_TIMEOUTS = { connect: 10_000, headers: 300_000, body: 300_000 };
/** Dropped when a redirect leads to another origin. */
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'idempotency-key'];

/** Builds the guarded fetch. Throws when an entry of `allow` cannot be read. */
export function createEgressFetch(options: EgressOptions): EgressFetch {
  const allow = readAllowList(options.allow);
  const own = options.ownOrigin === null ? null : new URL(options.ownOrigin);
  const timeouts = options.timeouts ?? DEFAULT_TIMEOUTS;
  const settings = { headersTimeout: timeouts.headers, bodyTimeout: timeouts.body, maxResponseSize: MAX_ANSWER_BYTES };
  const guarded = new Agent({ ...settings, connect: guardedConnector(allow, own, timeouts.connect, options.lookup ?? systemLookup) });
  const direct = new Agent({ ...settings, connect: { timeout: timeouts.connect } });

  function dispatcherFor(url: URL): Agent {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new EgressRefused(`Only http and https addresses can be called, not ${url.protocol}`);
    }
    // Said without the address: what names it would show the password.
    if (url.username !== '' || url.password !== '') {
      throw new EgressRefused(`The address of ${url.host} carries a user or password; send them in an Authorization header`);
    }
    if (own === null || !isOwnOrigin(url, own)) return guarded;
    if (isBelow(url.pathname, options.mockPrefix)) return direct;
    throw new EgressRefused(`Of this server itself only ${options.mockPrefix} can be called, not ${url.pathname}`);
  }

  const guardedFetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const first = input instanceof Request ? new Request(input, init) : null;
    let url = new URL(first?.url ?? (input as string | URL));
    let method = (init.method ?? first?.method ?? 'GET').toUpperCase();
    let headers = new Headers(init.headers ?? first?.headers);
    let body = init.body ?? (first?.body ? await first.arrayBuffer() : null);
    const mode = init.redirect ?? first?.redirect ?? 'follow';
    const signal = init.signal ?? first?.signal ?? null;
    for (let redirects = 0; ; redirects += 1) {
      const dispatcher = dispatcherFor(url);
      const target = own !== null && dispatcher === direct ? new URL(url.pathname + url.search, own) : url;
      const sent = { method, headers, body, signal, redirect: 'manual', dispatcher } as unknown as Parameters<typeof undiciFetch>[1];
      const response = (await undiciFetch(target, sent)) as unknown as Response;
      const location = response.headers.get('location');
      if (mode === 'manual' || location === null || ![301, 302, 303, 307, 308].includes(response.status)) return response;
      await response.body?.cancel().catch(() => undefined);
      if (mode === 'error') throw new EgressRefused(`${url.origin} redirects, which is not wanted here`, 'REDIRECT_REFUSED');
      if (redirects >= MAX_REDIRECTS) throw new EgressRefused(`More than ${MAX_REDIRECTS} redirects`, 'REDIRECT_REFUSED');
      const next = URL.parse(location, url);
      if (next === null) throw new EgressRefused(`${url.origin} redirects to something that is not an address`, 'REDIRECT_REFUSED');
      headers = new Headers(headers);
      if (next.origin !== url.origin) for (const name of CREDENTIALS) headers.delete(name);
      const becomesGet =
        response.status === 303 ? method !== 'HEAD' : (response.status === 301 || response.status === 302) && method === 'POST';
      if (becomesGet) {
        method = 'GET';
        body = null;
        for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language', 'content-location'])
          headers.delete(name);
      }
      if (body instanceof ReadableStream) throw new EgressRefused('A body that is streamed cannot follow a redirect', 'REDIRECT_REFUSED');
      url = next;
    }
  };

  const close = async (): Promise<void> => {
    await Promise.all([guarded.destroy(), direct.destroy()]);
  };
  return Object.assign(guardedFetch as typeof fetch, { close });
}

/** True for the own origin, and for other names of the same loopback address and port. */
function isOwnOrigin(url: URL, own: URL): boolean {
  if (url.origin === own.origin) return true;
  return portOf(url) === portOf(own) && isLoopbackName(url.hostname) && isLoopbackName(own.hostname);
}

function isLoopbackName(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || isOwnAddress(name, []);
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port;
  return protocol === 'https:' ? '443' : '80';
}

/** True when a path lies below the prefix however a server may read it: an encoded dot, slash or backslash is refused. */
function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && !/%(2e|2f|5c|25)|\\|\/\//i.test(path);
}

function guardedConnector(allow: AllowList, own: URL | null, timeout: number, lookup: typeof systemLookup): buildConnector.connector {
  const ownPort = own === null ? null : portOf(own);
  /** Why a connection to this address may not be made, or null. */
  function refusal(host: string, address: string, port: string): EgressRefused | null {
    if (ownPort !== null && port === ownPort && isOwnAddress(address, ownAddresses())) {
      return new EgressRefused(`${host}:${port} is this server itself, which steps cannot call. Use {{ mock.url }} for its mock server`);
    }
    if (isPublicAddress(address) || allow.allowsAddress(address) || allow.allowsHost(host)) return null;
    const shown = host === address ? host : `${host} (${address})`;
    return new EgressRefused(`${shown} is not a public address. An administrator can allow it: add ${host} to EGRESS_ALLOW`);
  }

  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const port = options.port === '' || options.port === undefined ? (options.protocol === 'https:' ? '443' : '80') : String(options.port);
    if (isIP(host) !== 0) {
      const refused = refusal(host, host, port);
      if (refused) {
        callback(refused, null);
        return;
      }
    }
    const checkedLookup: LookupFunction = (hostname, _wanted, done) => {
      lookup(hostname, { all: true }, (error, addresses) => {
        if (error) return done(error, '', 0);
        const refusals = addresses.map(({ address }) => refusal(hostname, address, port));
        const usable = addresses.filter((_address, index) => refusals[index] === null);
        const refused = refusals.find((found) => found !== null);
        if (usable.length === 0) return done(refused ?? new EgressRefused(`${hostname} has no address`), '', 0);
        return (done as unknown as (error: null, found: typeof usable) => void)(null, usable);
      });
    };
    buildConnector({ timeout, lookup: checkedLookup, autoSelectFamily: true } as buildConnector.BuildOptions)(options, callback);
  };
}

/** True for a loopback or unspecified address, or one of `own`. */
function isOwnAddress(address: string, own: readonly string[]): boolean {
  const bare = carriedV4(address) ?? address;
  return /^127\.|^0\.0\.0\.0$/.test(bare) || bare === '::1' || bare === '::' || own.includes(bare);
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
}
