import { expect, it } from 'vitest';
import { isDatabaseAway, isDiskFull } from './database-away.ts';

const wrapped = new Error('Prisma', { cause: Object.assign(new Error('x'), { cause: { code: '57P02' } }) });

it.each([
  ['a refused connection', { code: 'ECONNREFUSED' }],
  ['a full disk', { code: '53100' }],
  ['the crash of another backend', { code: '57P02' }],
  ['a server that is starting', { code: '57P03' }],
  ['a connection that ended without a code', new Error('Connection terminated unexpectedly')],
  ['a pool that waited in vain', new Error('timeout exceeded when trying to connect')],
  ['one that is wrapped', wrapped],
  ['one inside Prisma’s', { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '57P01', kind: 'postgres' } } } }],
])('the database is away: %s', (_what, thrown) => {
  expect(isDatabaseAway(thrown)).toBe(true);
});

it.each([
  ['a broken rule', { code: '23505' }],
  ['a bug', new TypeError('x is undefined')],
  ['a statement that took too long', { code: '57014' }],
  ['nothing', null],
])('it is not: %s', (_what, thrown) => {
  expect(isDatabaseAway(thrown)).toBe(false);
});

it('tells a full disk from other reasons', () => {
  expect(isDiskFull(new Error('Prisma', { cause: { originalCode: '53100' } }))).toBe(true);
  expect(isDiskFull({ code: '53300' })).toBe(false);
});

it('does not follow a circle', () => {
  const circle: { cause?: unknown } = {};
  circle.cause = circle;
  expect(isDatabaseAway(circle)).toBe(false);
});
