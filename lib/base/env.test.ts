import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { readEnv } from '#lib/base/env.ts';

it('has a default for everything', () => {
  expect(readEnv({ PORT: '' })).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', WORKFLOW_MAX_CONCURRENT_RUNS: 10, EGRESS_ALLOW: [] });
});

it('names every bad variable and what it must be, in one sentence', () => {
  expect(() => readEnv({ PORT: '99999', DATABASE_URL: 'mysql://x', WEFTLINE_API_KEY: 'short' })).toThrow(
    'The environment is not usable: PORT must be 1 to 65535; DATABASE_URL must start with postgres:// or postgresql://; WEFTLINE_API_KEY must be wl_ and at least 16 letters or digits.',
  );
});

it('says what a number must be in words', () => {
  const bad = { PORT: 'web', WORKFLOW_MAX_CONCURRENT_RUNS: 'many' };
  expect(() => readEnv(bad)).toThrow('PORT must be a whole number; WORKFLOW_MAX_CONCURRENT_RUNS must be a whole number.');
});

it('splits lists at commas and white space', () => {
  expect(readEnv({ EGRESS_ALLOW: '10.0.0.0/8, api.internal' }).EGRESS_ALLOW).toEqual(['10.0.0.0/8', 'api.internal']);
});

// The same list as in the Fetch standard: what it refuses it refuses before it looks for a server.
const refusedByFetch = async (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD' }).then(
    () => false,
    (thrown: Error) => (thrown.cause as Error | undefined)?.message === 'bad port',
  );

it.each([1, 22, 25, 587, 2049, 4190, 5060, 6000, 6665, 6667, 6697, 10_080])('refuses port %i, as browsers do', async (port) => {
  expect(() => readEnv({ PORT: String(port) })).toThrow(
    `The environment is not usable: PORT must not be ${port}, which browsers refuse to open.`,
  );
  expect(await refusedByFetch(port)).toBe(true);
});

it('refuses no port below 11,000 that browsers open, and takes no other', () => {
  const constants = createRequire(import.meta.url)('undici/lib/web/fetch/constants.js') as { badPortsSet: Set<string> };
  const refused = Array.from({ length: 11_000 }, (_, at) => at + 1).filter((port) => {
    try {
      return readEnv({ PORT: String(port) }).PORT !== port;
    } catch {
      return true;
    }
  });
  expect(refused.map(String)).toEqual([...constants.badPortsSet].filter((port) => port !== '0').sort((a, b) => Number(a) - Number(b)));
});
