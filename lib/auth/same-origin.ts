const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Scheme, host and port that a request was addressed to, as the browser sees them; null without a usable `Host`. */
export function addressedHost(request: Request): string | null {
  const host = request.headers.get('host') ?? new URL(request.url).host;
  return host === '' ? null : host.toLowerCase();
}

/**
 * Whether a request that carries a cookie may change something. Browsers say where a call comes from: in
 * `Sec-Fetch-Site` (secure contexts) or in `Origin` (every POST). A request with neither is no browser of ours and is
 * refused too: programs use API keys. `configured` is the origin that the installation is known under, if any.
 */
export function mayChangeByCookie(request: Request, configured: string | undefined): boolean {
  if (READING.has(request.method)) return true;
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = request.headers.get('origin');
  if (origin === null || origin === 'null') return false;
  return trustedOrigins(request, configured).includes(origin.toLowerCase());
}

/** Origins of our own pages, as seen from this request. */
export function trustedOrigins(request: Request | undefined, configured: string | undefined): string[] {
  const host = request === undefined ? null : addressedHost(request);
  return [
    ...(host === null ? [] : [`http://${host}`, `https://${host}`]),
    ...(configured === undefined ? [] : [new URL(configured).origin]),
  ];
}
