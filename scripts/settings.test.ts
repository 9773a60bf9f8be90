import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { readSettings, requireFreePort } from './settings.mjs';

const folder = mkdtempSync(join(tmpdir(), 'weftline-settings-'));
const former = process.env.DATA_DIR;
afterEach(() => {
  if (former === undefined) delete process.env.DATA_DIR;
  else process.env.DATA_DIR = former;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('says in one sentence that a port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  await expect(requireFreePort('127.0.0.1', port)).rejects.toThrow(
    new Error(`Port ${port} on 127.0.0.1 is in use by another program; stop it, or set PORT to a free one.`),
  );
  await new Promise((resolve) => taken.close(resolve));
  await requireFreePort('127.0.0.1', port);
});

it('says in one sentence that an address is not ours', async () => {
  await expect(requireFreePort('192.0.2.1', 0)).rejects.toThrow('HOST 192.0.2.1 is not an address of this machine (EADDRNOTAVAIL)');
});

it.each([
  ['below a file', () => join(folder, 'file'), 'ENOTDIR'],
  ['where nobody may write', () => '/proc', 'ENOENT'],
])('says in one sentence that the data folder cannot be written: %s', async (_what, parent, code) => {
  writeFileSync(join(folder, 'file'), '');
  process.env.DATA_DIR = join(parent(), 'data');
  await expect(readSettings({ development: false })).rejects.toThrow(
    new Error(
      `The data folder ${process.env.DATA_DIR} cannot be written (${code}); give this user the right to, or set DATA_DIR to another folder.`,
    ),
  );
});

const READ = `import('./scripts/settings.mjs').then((m) => m.readSettings({ development: false })).catch((e) => console.log(e.message))`;
const mountable = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;

it.skipIf(!mountable)('says so of a data folder on a file system that is read-only (needs the right to mount)', () => {
  const script = 'mount -t tmpfs -o size=1m tmpfs "$0" && mkdir -p "$0/logs" && mount -o remount,ro "$0" && exec "$1" -e "$2"';
  const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script, folder, process.execPath, READ], {
    encoding: 'utf8',
    env: { ...process.env, DATA_DIR: folder },
  });
  expect(stdout).toBe(
    `The data folder ${folder} cannot be written (EROFS); give this user the right to, or set DATA_DIR to another folder.\n`,
  );
});
