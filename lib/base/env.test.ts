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
