// @ts-check
/** What the launcher settles before anything starts: checked environment, data folder, secrets, addresses. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { PROJECT } from './stamps.mjs';

/** Throws an Error of one sentence. @param {{ development: boolean }} options */
export async function readSettings({ development }) {
  const { readEnv } = await import('../lib/base/env.ts');
  const env = readEnv({ ...process.env, NODE_ENV: development ? 'development' : 'production' });
  const dataDir = resolve(PROJECT, env.DATA_DIR);
  await prepareDataDir(dataDir);
  const local = `http://${reachable(env.HOST)}:${env.PORT}`;
  return {
    env,
    dataDir,
    /** Where the launcher itself asks, even when a proxy gives the outside another address. */
    local,
    origin: env.WEFTLINE_ORIGIN ?? local,
    secret: env.WEFTLINE_SECRET ?? (await keptSecret(dataDir, 'session-secret')),
    encryptionKey: env.WEFTLINE_ENCRYPTION_KEY ?? (await keptSecret(dataDir, 'encryption-key')),
    setupToken: env.WEFTLINE_SETUP_TOKEN ?? (await keptSecret(dataDir, 'setup-token')),
  };
}

/** @typedef {Awaited<ReturnType<typeof readSettings>>} Settings */

/** @param {string} host an address to listen on @returns {string} the part of a URL that reaches it from this machine */
function reachable(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** @param {string} dataDir */
async function prepareDataDir(dataDir) {
  try {
    await makeFolders(join(dataDir, 'logs'));
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    await chmod(dataDir, 0o700);
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    throw new Error(
      `The data folder ${dataDir} cannot be written (${code}); give this user the right to, or set DATA_DIR to another folder.`,
    );
  }
}

/** Like mkdir's own `recursive`, which never returns on a file system that refuses with ENOENT, such as /proc. @param {string} folder */
async function makeFolders(folder) {
  const make = () =>
    mkdir(folder, { mode: 0o700 }).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolders(dirname(folder));
    await make();
  }
}

/** @param {string} dataDir @param {string} name @returns {Promise<string>} made once, readable by this user alone */
async function keptSecret(dataDir, name) {
  const file = join(dataDir, name);
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept.length >= 32) return kept;
  const fresh = randomBytes(32).toString('base64url');
  await writeFile(file, `${fresh}\n`, { mode: 0o600 });
  return fresh;
}

/** Throws an Error of one sentence when the web process could not listen there. @param {string} host @param {number} port */
export async function requireFreePort(host, port) {
  const server = createServer();
  try {
    await new Promise((done, fail) => {
      server.once('error', fail);
      server.listen(port, host, () => done(undefined));
    });
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === 'EADDRINUSE') throw new Error(`Port ${port} on ${host} is in use by another program; stop it, or set PORT to a free one.`);
    if (code === 'EACCES') throw new Error(`Port ${port} needs more rights than this user has; set PORT to one above 1023.`);
    throw new Error(`HOST ${host} is not an address of this machine (${code}); set it to 127.0.0.1 or 0.0.0.0.`);
  } finally {
    await new Promise((done) => server.close(done));
  }
}
