// @ts-check
/**
 * `npm test`: every check and test, on a machine that has only git, npm and Node. Uses its own database servers, ports, data
 * and build folder, so an instance that runs from the same folder is not disturbed. The last line is the result.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { install, isInstalled, toolEnvironment } from './install.mjs';
import { phase } from './output.mjs';
import { PROJECT } from './stamps.mjs';

const READY_MS = 120_000;
const BUILD_FOLDER = '.next-test';
const OWNER = {
  WEFTLINE_OWNER_EMAIL: 'owner@example.test',
  WEFTLINE_OWNER_PASSWORD: 'correct-horse-battery',
  WEFTLINE_API_KEY: 'wl_e2e_0123456789abcdef',
};

const started = Date.now();
try {
  if (!isInstalled({ development: true })) await phase('install packages', () => install({ development: true }));
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = 1;
}

async function main() {
  const { attempt, newTally, playwright, runFastChecks, summarize, vitest } = await import('./checks.mjs');
  const { findBrowser } = await import('./browser.mjs');
  const tally = newTally();
  let browser = '';
  await attempt(tally, 'find a browser', async () => {
    browser = await findBrowser();
  });
  await runFastChecks(tally);
  await vitest(tally, 'database tests', 'database');
  const hasJourneys = readdirSync(join(PROJECT, 'e2e')).some((name) => name.endsWith('.spec.ts'));
  if (browser && hasJourneys) {
    /** @type {Instance[]} */
    const instances = [];
    // Programs use one that was set up by its environment; the first visit needs one that nobody set up.
    const ready = await attempt(tally, 'build and start two instances', async () => {
      instances.push(await startInstance(OWNER));
      instances.push(await startInstance({}));
    });
    const [owned, fresh] = instances;
    if (ready && owned && fresh) {
      await playwright(tally, {
        CHROMIUM_PATH: browser,
        E2E_ORIGIN: owned.origin,
        E2E_FRESH_ORIGIN: fresh.origin,
        E2E_SETUP_TOKEN: fresh.setupToken,
        NEXT_DIST_DIR: BUILD_FOLDER,
        ...OWNER,
      });
    }
    await attempt(tally, 'stop the instances', async () => {
      for (const instance of instances) await instance.stop();
    });
  }
  // Behind the browser tests, which have built the pages.
  await vitest(tally, 'several machines', 'cluster');
  summarize(tally, started);
}

/** @typedef {{ origin: string, setupToken: string, stop: () => Promise<void> }} Instance */

/** The real launcher with folders and a port of its own, as a person would start it. @param {Record<string, string>} owner @returns {Promise<Instance>} */
async function startInstance(owner) {
  const dataDir = await mkdtemp(join(tmpdir(), 'weftline-e2e-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  // Nothing that configures an instance of the person who runs the tests reaches this one.
  const inherited = Object.fromEntries(
    Object.entries(toolEnvironment()).filter(([name]) => name !== 'DATABASE_URL' && !name.startsWith('WEFTLINE_')),
  );
  const env = {
    ...inherited,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    WEFTLINE_ORIGIN: origin,
    ...owner,
    NEXT_DIST_DIR: BUILD_FOLDER,
    NO_COLOR: '1',
    // The web process holds every answer against its contract, so that the two can't drift apart.
    WEFTLINE_CHECK_ANSWERS: '1',
  };
  // The targets of the journeys listen on this machine, which the egress guard refuses by default.
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: PROJECT,
    env: { ...env, EGRESS_ALLOW: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  process.once('exit', () => child.kill('SIGTERM'));
  const until = Date.now() + READY_MS;
  while (!output.includes('Weftline is ready')) {
    if (child.exitCode !== null) throw new Error(output);
    if (Date.now() > until) {
      child.kill('SIGTERM');
      throw new Error(`The instance did not become ready:\n${output}`);
    }
    await sleep(50);
  }
  const setupToken = (await readFile(join(dataDir, 'setup-token'), 'utf8')).trim();
  return {
    origin,
    setupToken,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(dataDir, { recursive: true, force: true });
      if (child.exitCode !== 0) throw new Error(`The launcher ended with ${child.exitCode}:\n${output}`);
    },
  };
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return address.port;
}
