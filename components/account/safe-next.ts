/** Where to go after sign-in: a path of this very site, else the start page. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/')) return '/';
  const base = 'http://here.invalid';
  const url = URL.canParse(next, base) ? new URL(next, base) : null;
  // Dots are resolved by now: what would read as another host is refused again.
  if (url === null || url.origin !== base || url.pathname.startsWith('//')) return '/';
  // The mark of Next's own page fetches.
  url.searchParams.delete('_rsc');
  return url.pathname + url.search;
}
