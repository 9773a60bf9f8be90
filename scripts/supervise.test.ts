import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { identify } from './processes.mjs';
import { supervise } from './supervise.mjs';

/** A process that starts another one, says which, and waits. */
const PARENT = `
const { spawn } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const child = spawn('sleep', ['60'], { stdio: 'ignore' });
writeFileSync(process.env.REPORT, String(child.pid));
setInterval(() => {}, 1000);`;

it('starts a killed process again, and ends what it left behind', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weftline-supervise-'));
  const report = join(folder, 'pid');
  const child = supervise({
    role: 'test',
    args: ['-e', PARENT],
    env: { ...process.env, REPORT: report },
    logFile: join(folder, 'log'),
    changed: () => {},
    complain: () => {},
  });
  try {
    await expect.poll(() => existsSync(report) && readFileSync(report, 'utf8'), { timeout: 10_000 }).toMatch(/^\d+$/);
    const left = Number(readFileSync(report, 'utf8'));
    const first = child.identity()?.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await expect.poll(() => identify(left), { timeout: 5000 }).toBeNull();
    await expect.poll(() => (child.identity()?.pid ?? first) !== first, { timeout: 10_000 }).toBe(true);
  } finally {
    await child.stop(1000);
    rmSync(folder, { recursive: true, force: true });
  }
});

it('starts a process whose log finds no room', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weftline-supervise-'));
  const report = join(folder, 'pid');
  const child = supervise({
    role: 'test',
    args: ['-e', PARENT],
    env: { ...process.env, REPORT: report },
    logFile: join(folder, 'there-is-no-such-folder', 'log'),
    changed: () => {},
    complain: () => {},
  });
  try {
    await expect.poll(() => existsSync(report) && readFileSync(report, 'utf8'), { timeout: 10_000 }).toMatch(/^\d+$/);
  } finally {
    await child.stop(1000);
    rmSync(folder, { recursive: true, force: true });
  }
});
