import { addressedHost } from './same-origin.ts';

/** What the use cases that work before sign-in must know of a call. */
export interface RequestContext {
  readonly request: Request;
  /** Address of the TCP peer, null where the server does not tell it. */
  readonly clientAddress: string | null;
}

/**
 * True for a person at the machine itself. The TCP peer alone does not prove that: behind a reverse proxy on the same
 * machine every visitor comes from loopback, and a foreign page can point its own host name at 127.0.0.1 (DNS
 * rebinding). So the addressed host must be a loopback name as well, and nothing may say that the call was forwarded.
 */
export function isLocalVisitor({ request, clientAddress }: RequestContext): boolean {
  if (clientAddress === null || !isLoopbackAddress(clientAddress)) return false;
  if (['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some((name) => request.headers.has(name))) return false;
  const host = addressedHost(request)?.replace(/:\d+$/, '') ?? '';
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host.replace(/^\[|\]$/g, ''));
}

function isLoopbackAddress(address: string): boolean {
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/i.test(address) || address === '::1';
}
