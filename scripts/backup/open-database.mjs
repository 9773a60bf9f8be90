// @ts-check
/** The database that `npm start` uses with the same settings: a server by DATABASE_URL, or the embedded one, running or not. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startPostgres } from '../postgres.mjs';
import { isAlive, readState } from '../processes.mjs';
import { PROJECT } from '../stamps.mjs';

/** Throws an Error of one sentence. */
export async function readPlace() {
  const { readEnv } = await import('../../lib/base/env.ts');
  const env = readEnv({ ...process.env, NODE_ENV: 'production' });
  return { env, dataDir: resolve(PROJECT, env.DATA_DIR) };
}

/** @typedef {Awaited<ReturnType<typeof readPlace>>} Place */

/** Whether the product runs on this data folder. @param {string} dataDir @returns {string | null} its address */
export function runningAt(dataDir) {
  const state = readState(dataDir);
  return state && isAlive(state.launcher) ? state.url : null;
}

/**
 * @template T
 * @param {Place} place
 * @param {{ make: boolean }} options `make`: whether an embedded database is made where there is none
 * @param {(url: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withDatabase({ env, dataDir }, { make }, work) {
  if (env.DATABASE_URL) return work(env.DATABASE_URL);
  if (!make && !existsSync(join(dataDir, 'postgres', 'PG_VERSION')))
    throw new Error(`There is no database in ${dataDir}; set DATA_DIR to the folder of the one you mean, or DATABASE_URL.`);
  const postgres = await startPostgres({ folder: dataDir });
  // Started for this alone, it is stopped by whatever ends us: but not from under a product that came up meanwhile.
  const stop = async () => {
    if (!postgres.adopted && runningAt(dataDir) === null) await postgres.stop('fast');
  };
  const interrupted = () => void stop().finally(() => process.exit(130));
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.once(signal, interrupted);
  try {
    return await work(postgres.url());
  } finally {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.removeListener(signal, interrupted);
    await stop();
  }
}
