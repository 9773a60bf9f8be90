import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { identify, readState, writeState } from './processes.mjs';

const folder = mkdtempSync(join(tmpdir(), 'weftline-processes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'processes.json');
const someone = { pid: 4242, start: '17' };

it('reads the state that was written', () => {
  const self = identify(process.pid);
  if (self === null) throw new Error('This process is not known');
  const state = { launcher: self, parents: [someone], children: [{ ...someone, role: 'web' }], url: 'http://127.0.0.1:3000' };
  writeState(folder, state);
  expect(readState(folder)).toEqual(state);
});

it.each([
  ['nothing', null],
  ['a list', []],
  ['a number', 7],
  ['no launcher', { parents: [], children: [], url: '' }],
  ['no children', { launcher: someone, parents: [], url: '' }],
  ['children that are no list', { launcher: someone, parents: [], children: { pid: 1 }, url: '' }],
  ['a launcher of another kind', { launcher: 'me', parents: [], children: [], url: '' }],
  // Signals to 0, 1 or a negative number would reach whole groups.
  ['everybody as a child', { launcher: someone, parents: [], children: [{ pid: -1, start: '17', role: 'web' }], url: '' }],
  ['our own group as a child', { launcher: someone, parents: [], children: [{ pid: 0, start: '17', role: 'web' }], url: '' }],
  ['a child without its start', { launcher: someone, parents: [], children: [{ pid: 4242, role: 'web' }], url: '' }],
  ['a parent that is null', { launcher: someone, parents: [null], children: [], url: '' }],
])('believes no state of the wrong shape: %s', (_what, state) => {
  writeFileSync(file, JSON.stringify(state));
  expect(readState(folder)).toBeNull();
});

it('believes no state that was cut off', () => {
  writeFileSync(file, '{"launcher": {"pid": 42');
  expect(readState(folder)).toBeNull();
});
