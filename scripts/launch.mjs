// @ts-check
/**
 * Starts the product and keeps it up; runs on the pinned Node with everything installed.
 *
 *   check environment ─► settle with a former launcher ─┬─► database ─► migrate ──────┬─► web + worker ─► both answer ─► watch
 *                                                       └─► client ─► pages (if stale)┘
 *   Ctrl-C: web and worker, then the database.  A second one: all at once.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { buildPages, staleBuild } from './build.mjs';
import { ensurePrismaClient } from './generate.mjs';
import { keepPostgres } from './keep-postgres.mjs';
import { migrate } from './migrate.mjs';
import { bold, dim, green, phase, say, seconds, yellow } from './output.mjs';
import { startPostgres } from './postgres.mjs';
import { clearState, endGroups, identify, isAlive, npmParents, readState, writeState } from './processes.mjs';
import { readSettings, requireFreePort } from './settings.mjs';
import { PROJECT } from './stamps.mjs';
import { supervise } from './supervise.mjs';
import { watchSources } from './watch-sources.mjs';

const READY_MS = 90_000;
/**
 * What Node has compiled, types taken out, for the next start: a process is up in two thirds of the time. Entries are known by
 * their source's content.
 */
const COMPILED = join(PROJECT, 'node_modules', '.cache', 'weftline', 'compiled');
/** Milliseconds for children to end by themselves; the worker drains for up to 10 s. */
const GRACE_MS = 11_000;
/** npm passes on the Ctrl-C that the terminal already delivered; what comes this soon is the same key press. */
const ONE_KEY_PRESS_MS = 400;
const POLL_MS = 500;
/** What lies between reading and writing the state is a thousandth of this. */
const BOTH_WROTE_MS = 60;
/** After so many deaths before it ever answered, a process is not going to. */
const HOPELESS = 3;

/** @param {{ development: boolean, started: number }} options `started`: when the command began, epoch milliseconds */
export async function launch({ development, started }) {
  const stop = stopOrder();
  try {
    await bringUp({ development, started, stop });
  } catch (error) {
    if (stop.requested()) return;
    await stop.run({ quiet: true });
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}

/** @param {{ development: boolean, started: number, stop: StopOrder }} options */
async function bringUp({ development, started, stop }) {
  enableCompileCache(COMPILED);
  const settings = await readSettings({ development });
  const { env, dataDir, local, origin } = settings;
  const parents = npmParents();
  await settleWithFormer(dataDir);
  await requireFreePort(env.HOST, env.PORT);
  const launcher = identify(process.pid);
  if (!launcher) throw new Error('This system does not tell who runs; start on Linux or macOS.');
  /** @type {import('./supervise.mjs').Supervised[]} */
  const children = [];
  const remember = () => {
    const alive = children.flatMap((child) => {
      const identity = child.identity();
      return identity ? [{ ...identity, role: child.role }] : [];
    });
    writeState(dataDir, { launcher, parents, children: alive, url: origin });
  };
  /** On a full disk an older state is better than no launcher. */
  const rememberIfRoom = () => {
    try {
      remember();
    } catch (error) {
      say(yellow(`  The data folder cannot be written: ${error instanceof Error ? error.message : error}`));
    }
  };
  await takeFolder(dataDir, launcher, remember);
  stop.last(async () => clearState(dataDir));

  const [databaseUrl] = await Promise.all([database(settings, stop), pages(development)]);
  if (stop.requested()) return;
  const childEnv = {
    NODE_COMPILE_CACHE: COMPILED,
    ...process.env,
    NODE_ENV: env.NODE_ENV,
    PORT: String(env.PORT),
    HOST: env.HOST,
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    WEFTLINE_ORIGIN: origin,
    WEFTLINE_SECRET: settings.secret,
    WEFTLINE_ENCRYPTION_KEY: settings.encryptionKey,
    WEFTLINE_SETUP_TOKEN: settings.setupToken,
  };
  const isSetUp = await phase('start web and worker', async () => {
    for (const [role, args] of /** @type {const} */ ([
      ['web', ['server/main.ts']],
      // Young garbage is most of what runs leave: collecting it in larger steps takes a quarter less of the worker's time.
      ['worker', ['--max-semi-space-size=32', 'worker/main.ts']],
    ])) {
      const logFile = development ? null : join(dataDir, 'logs', `${role}.log`);
      // One array for both: `changed` may be called while the second is not there yet.
      children.push(
        supervise({ role, args: [...args], env: childEnv, logFile, changed: rememberIfRoom, complain: (text) => say(yellow(`  ${text}`)) }),
      );
      remember();
    }
    stop.first((grace) => Promise.all(children.map((child) => child.stop(grace))));
    stop.atOnce(() => children.map((child) => child.kill()));
    await bothAnswer(local, children, stop);
    return hasOwner(databaseUrl);
  });
  if (stop.requested()) return;
  if (development) watchSources(children);
  say(`\n  ${green('Weftline is ready')} ${dim(`after ${seconds(Date.now() - started)}`)}`);
  say(`  ${bold(origin)}`);
  if (!isSetUp) say(`  First visit: ${origin}/setup?token=${settings.setupToken}`);
  say(dim(`  Data and logs in ${dataDir}. Ctrl-C stops everything.\n`));
  void watchParents(parents, stop);
}

/**
 * Writes our name on the data folder. Of two that start in one moment, and each saw nobody, the one that wrote last has it.
 * @param {string} dataDir @param {import('./processes.mjs').Identity} launcher @param {() => void} remember
 */
async function takeFolder(dataDir, launcher, remember) {
  requireOurs(dataDir, launcher);
  remember();
  await sleep(BOTH_WROTE_MS);
  requireOurs(dataDir, launcher);
}

/** @param {string} dataDir @param {import('./processes.mjs').Identity} launcher */
function requireOurs(dataDir, launcher) {
  const state = readState(dataDir);
  if (state && state.launcher.pid !== launcher.pid && isAlive(state.launcher)) throw runsAlready(state);
}

/** @param {import('./processes.mjs').LauncherState} state */
function runsAlready({ url, launcher }) {
  return new Error(
    `Weftline already runs on this data folder at ${url} (process ${launcher.pid}); stop it there with Ctrl-C, or set DATA_DIR and PORT for a second one.`,
  );
}

/** @param {string} dataDir */
async function settleWithFormer(dataDir) {
  const former = readState(dataDir);
  if (!former) return;
  if (former.launcher.pid !== process.pid && isAlive(former.launcher)) {
    const abandoned = former.parents.some((parent) => !isAlive(parent));
    if (!abandoned) throw runsAlready(former);
    // Its npm is gone, so no terminal can stop it: it is stopping by itself, or we help.
    process.kill(former.launcher.pid, 'SIGTERM');
    const until = Date.now() + GRACE_MS + 4_000;
    while (Date.now() < until && isAlive(former.launcher)) await sleep(20);
    if (isAlive(former.launcher)) process.kill(former.launcher.pid, 'SIGKILL');
  }
  const orphans = (readState(dataDir) ?? former).children.filter(isAlive);
  if (orphans.length > 0) await phase('end what an earlier start left behind', () => endGroups(orphans, { grace: 2_000 }));
}

/** @param {import('./settings.mjs').Settings} settings @param {StopOrder} stop @returns {Promise<string>} */
async function database({ env, dataDir }, stop) {
  if (env.DATABASE_URL) {
    const url = env.DATABASE_URL;
    await phase('migrate the database', () => migrate(url));
    return url;
  }
  return phase('start the database', async () => {
    const postgres = await startPostgres({ folder: dataDir });
    const kept = { current: postgres };
    stop.second(() => kept.current.stop('fast'));
    stop.atOnce(() => void kept.current.stop('immediate'));
    await migrate(postgres.url());
    void keepPostgres(kept, { folder: dataDir, stopping: stop.requested, complain: (text) => say(yellow(`  ${text}`)) });
    return postgres.url();
  });
}

/** @param {boolean} development */
async function pages(development) {
  await ensurePrismaClient();
  const stale = development ? null : await staleBuild();
  if (stale) await phase('build the pages', () => buildPages(stale));
}

/** @param {string} local @param {import('./supervise.mjs').Supervised[]} children @param {StopOrder} stop */
async function bothAnswer(local, children, stop) {
  const until = Date.now() + READY_MS;
  let last = 'it gave no answer';
  while (!stop.requested()) {
    const hopeless = children.find((child) => child.deaths() >= HOPELESS);
    if (hopeless) throw new Error(`The ${hopeless.role} process does not start${hopeless.reason()}; its log is in the data folder.`);
    try {
      const response = await fetch(`${local}/api/health`, { signal: AbortSignal.timeout(5_000) });
      const health = /** @type {{ database?: string, workers?: number }} */ (await response.json());
      if (health.database === 'ok' && (health.workers ?? 0) >= 1 && children.every((child) => child.identity())) return;
      last = `database ${health.database}, ${health.workers} workers`;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > until)
      throw new Error(`Weftline did not become ready within ${READY_MS / 1000} s (${last}); its logs are in the data folder.`);
    await sleep(25);
  }
}

/** @param {string} url @returns {Promise<boolean>} */
async function hasOwner(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query('SELECT 1 FROM "user" LIMIT 1')).rows.length > 0;
  } finally {
    await client.end();
  }
}

/** A killed npm takes the terminal's Ctrl-C with it; then nobody could stop us, so we stop. */
async function watchParents(/** @type {import('./processes.mjs').Identity[]} */ parents, /** @type {StopOrder} */ stop) {
  while (!stop.requested()) {
    await sleep(POLL_MS);
    if (parents.some((parent) => !isAlive(parent))) stop.request();
  }
}

/** @typedef {ReturnType<typeof stopOrder>} StopOrder */

/** Collects what must be stopped, in which order, and listens for the signals that ask for it. */
function stopOrder() {
  const never = async () => {};
  let first = /** @type {(grace: number) => Promise<unknown>} */ (never);
  let second = /** @type {() => Promise<unknown>} */ (never);
  let last = /** @type {() => Promise<unknown>} */ (never);
  const atOnce = /** @type {(() => unknown)[]} */ ([]);
  let asked = 0;
  let going = /** @type {Promise<void> | null} */ (null);

  async function run({ quiet = false } = {}) {
    const begin = Date.now();
    going ??= (async () => {
      await first(GRACE_MS);
      await second();
      await last();
    })();
    await going;
    if (!quiet) say(`  ${green('✓')} stopped ${dim(seconds(Date.now() - begin))}`);
  }

  function request() {
    if (asked === 0) {
      asked = Date.now();
      say(dim('\n  Stopping; Ctrl-C again stops at once.'));
      // What still starts sees `requested` and gives up; a build in progress ends with the process.
      run().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    } else if (Date.now() - asked > ONE_KEY_PRESS_MS) {
      for (const act of atOnce) act();
      // The database got its signal in this turn; the next start recovers it.
      setTimeout(() => process.exit(130), 50);
    }
  }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, request);
  return {
    run,
    request,
    requested: () => asked > 0,
    first: (/** @type {typeof first} */ act) => {
      first = act;
    },
    second: (/** @type {typeof second} */ act) => {
      second = act;
    },
    last: (/** @type {typeof last} */ act) => {
      last = act;
    },
    atOnce: (/** @type {() => unknown} */ act) => void atOnce.push(act),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await launch({ development: process.argv.includes('--dev'), started: Number(process.env.WEFTLINE_STARTED ?? Date.now()) });
}
