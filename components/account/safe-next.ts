/** Where to go after sign-in: a path of this very site, else the start page. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/')) return '/';
  const base = 'http://here.invalid';
  const url = URL.canParse(next, base) ? new URL(next, base) : null;
  return url !== null && url.origin === base ? url.pathname + url.search : '/';
}
