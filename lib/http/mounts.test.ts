import { getPathMatch } from 'next/dist/shared/lib/router/utils/path-match.js';
import { expect, test } from 'vitest';
import nextConfig from '../../next.config.ts';
import { isApiPath, withoutRewrite } from './mounts.ts';

test.each([
  '/api',
  '/api/health?x=1',
  '/mock/echo',
  '/hooks/abc',
  '/client/v4/accounts/a/workflows',
  '/compat/llamaindex',
  '/mcp',
  '/metrics',
])('%s is answered by the app', (path) => expect(isApiPath(path)).toBe(true));

test.each([
  '/',
  '/apis',
  '/runs',
  '/hooked',
  '/client/v5',
  '/metricsx',
  '/hooks',
  '/hooks?a=1',
  '/hooks/',
  '/workflows/wf_1?next=/api/x',
  '',
])('%s is a page', (path) => {
  expect(isApiPath(path)).toBe(false);
});

/** Where Next sends a path, by its own matcher. */
async function rewritten(path: string): Promise<string | null> {
  const rules = await nextConfig.rewrites?.();
  if (!Array.isArray(rules)) throw new Error('There are no rewrites');
  for (const { source, destination } of rules) {
    const found = getPathMatch(source, { strict: true, removeUnnamedParams: true })(path);
    if (found !== false)
      return destination.replace('/:path*', (found.path as string[] | undefined)?.map((part) => `/${part}`).join('') ?? '');
  }
  return null;
}

test.each(['/mock/echo', '/hooks/abc', '/client/v4/accounts/a/workflows/w/instances', '/compat/llamaindex/workflows', '/mcp', '/metrics'])(
  'under a plain Next deployment the app gets %s',
  async (path) => {
    const destination = await rewritten(path);
    expect(destination).toMatch(/^\/api\//);
    const request = new Request(`http://127.0.0.1${destination}?a=1`, { method: 'POST', headers: { 'x-a': 'b' }, body: 'text' });
    const original = withoutRewrite(request);
    expect(original.url).toBe(`http://127.0.0.1${path}?a=1`);
    expect([original.method, original.headers.get('x-a'), await original.text()]).toEqual(['POST', 'b', 'text']);
  },
);

test('what was not rewritten comes as it is, and pages are left alone', async () => {
  const request = new Request('http://127.0.0.1/api/workflows');
  expect(withoutRewrite(request)).toBe(request);
  for (const path of ['/', '/runs', '/hooks', '/workflows/wf_1', '/api/workflows']) expect(await rewritten(path)).toBeNull();
});
