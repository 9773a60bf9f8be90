// @ts-check
/** The checks and tests by name, each a command and how its results are counted. `npm run check` and `npm test` run them. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolEnvironment } from './install.mjs';
import { dim, phase, red, say } from './output.mjs';
import { PROJECT } from './stamps.mjs';

const TAIL_LINES = 60;

/** @typedef {{ passed: number, failed: number, failures: { title: string, output: string }[] }} Tally */

/** @returns {Tally} */
export function newTally() {
  return { passed: 0, failed: 0, failures: [] };
}

/** What needs neither a database nor a browser. @param {Tally} tally */
export async function runFastChecks(tally) {
  const lock = process.execPath;
  await check(tally, 'format and lint', ['biome', 'ci', '--no-errors-on-unmatched', '--max-diagnostics=50', '.']);
  await check(tally, 'lock file', [lock, 'scripts/lock-stubs.mjs', '--check']);
  await attempt(tally, 'database client', async () => {
    const { ensurePrismaClient } = await import('./generate.mjs');
    await ensurePrismaClient();
  });
  await check(tally, 'types', ['next', 'typegen'], ['tsc', '--noEmit', '-p', '.']);
  await check(tally, 'dead code', ['knip', '--no-progress', '--cache']);
  await vitest(tally, 'unit tests', 'unit');
}

/** Runs commands after each other as one check. @param {Tally} tally @param {string} title @param {...string[]} commands */
export function check(tally, title, ...commands) {
  return attempt(tally, title, async () => {
    for (const command of commands) {
      const { code, output } = await execute(command);
      if (code !== 0) throw new Error(output);
    }
  });
}

/** Counts work as one check; its Error's text is what the summary shows. @param {Tally} tally @param {string} title @param {() => Promise<unknown>} work */
export async function attempt(tally, title, work) {
  try {
    await phase(title, work);
    tally.passed += 1;
    return true;
  } catch (error) {
    tally.failed += 1;
    tally.failures.push({ title, output: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

/** @param {Tally} tally @param {string} title @param {string} project */
export function vitest(tally, title, project) {
  return counted(tally, title, async (report) => {
    const command = ['vitest', 'run', '--project', project, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
    const { code, output } = await execute(command);
    const result = await readJson(report);
    const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = result ?? {};
    return { code, output, passed, failed, skipped };
  });
}

/** @param {Tally} tally @param {NodeJS.ProcessEnv} env */
export function playwright(tally, env) {
  return counted(tally, 'browser tests', async (report) => {
    const { code, output } = await execute(['playwright', 'test'], { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
    const { expected = 0, unexpected = 0, flaky = 0 } = (await readJson(report))?.stats ?? {};
    return { code, output, passed: expected, failed: unexpected + flaky };
  });
}

/**
 * A suite that counts itself. One that ends badly without a failed test (a file that does not load) is one failure more.
 * @param {Tally} tally @param {string} title
 * @param {(report: string) => Promise<{ code: number, output: string, passed: number, failed: number, skipped?: number }>} work
 */
async function counted(tally, title, work) {
  const folder = await mkdtemp(join(tmpdir(), 'weftline-report-'));
  try {
    await phase(title, async () => {
      const { code, output, passed, failed, skipped = 0 } = await work(join(folder, 'report.json'));
      tally.passed += passed;
      tally.failed += failed;
      if (code !== 0 && failed === 0) tally.failed += 1;
      if (code === 0 && failed === 0 && passed + skipped === 0) throw new Error(`${title}: no test was found.`);
      if (code !== 0 || failed > 0) throw new Error(output);
      say(dim(`    ${passed} passed${skipped > 0 ? `, ${skipped} skipped because this machine cannot run them` : ''}`));
    });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (text.endsWith('no test was found.')) tally.failed += 1;
    tally.failures.push({ title, output: text });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string[]} command @param {NodeJS.ProcessEnv} [more] @returns {Promise<{ code: number, output: string }>} */
export function execute([file = '', ...args], more = {}) {
  return new Promise((resolve) => {
    const env = { ...toolEnvironment(), CI: '1', NO_COLOR: '1', ...more };
    const local = join(PROJECT, 'node_modules', '.bin', file);
    const child = spawn(existsSync(local) ? local : file, args, { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
      });
    }
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Prints what failed and, alone on the last line, the sums. Sets the exit code. @param {Tally} tally @param {number} started */
export function summarize(tally, started) {
  for (const { title, output } of tally.failures) {
    const lines = output.trim().split('\n');
    say(`\n${red(`✗ ${title}`)}`);
    if (lines.length > TAIL_LINES) say(dim(`  … ${lines.length - TAIL_LINES} lines before`));
    say(
      lines
        .slice(-TAIL_LINES)
        .map((line) => `  ${line}`)
        .join('\n'),
    );
  }
  say(dim(`\nafter ${Math.round((Date.now() - started) / 1000)} s`));
  if (tally.failed > 0 || tally.failures.length > 0) process.exitCode = 1;
  process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`);
}

/** @param {string} file */
async function readJson(file) {
  return readFile(file, 'utf8').then(JSON.parse, () => null);
}
