/** Where the one Hono app answers; every other path is a page's. */
const MOUNTS = ['/api', '/client/v4', '/compat', '/hooks', '/mcp', '/metrics', '/mock'] as const;

/** The list of hooks is a page; only what lies below it is called by other services. */
const PAGE_TOO = '/hooks';

const PATH = new RegExp(`^(?:${MOUNTS.filter((mount) => mount !== PAGE_TOO).join('|')})(?:[/?]|$)|^${PAGE_TOO}/[^?]`);

/** True where the Hono app answers this request target (path and query). */
export function isApiPath(target: string): boolean {
  return PATH.test(target);
}

/** The path below which Next mounts the app; it can mount it nowhere else, because these paths are no folder of pages. */
const ROUTE = '/api';

/**
 * What Next has to rewrite so that its one route (`app/api`) gets the other mounts too. They keep their whole path behind
 * a marker, so that none can be taken for a path of the native API.
 */
export function pageRewrites(): { source: string; destination: string }[] {
  return MOUNTS.filter((mount) => mount !== ROUTE).map((mount) => ({
    source: `${mount}/:path${mount === PAGE_TOO ? '+' : '*'}`,
    destination: `${ROUTE}/${MARKER}${mount}/:path*`,
  }));
}

const MARKER = '_mount';

/** A request as the caller sent it, whether Next shows the path from before or after a rewrite. */
export function withoutRewrite(request: Request): Request {
  const url = new URL(request.url);
  const marked = `${ROUTE}/${MARKER}`;
  if (!url.pathname.startsWith(`${marked}/`)) return request;
  url.pathname = url.pathname.slice(marked.length);
  return new Request(url, request);
}
