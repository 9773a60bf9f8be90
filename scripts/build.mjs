// @ts-check
/**
 * `next build`, only when a source, a package or the configuration changed. The stamp lives in the build folder itself.
 * `npm start` does it by itself; `npm run build` makes all that `npm run web` and `npm run worker` need.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePrismaClient } from './generate.mjs';
import { phase } from './output.mjs';
import { hashOf, PROJECT } from './stamps.mjs';

const SOURCES = [
  'app',
  'components',
  'lib',
  'public',
  'next.config.ts',
  'postcss.config.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** The build folder, relative to the project: tests use one of their own. */
export function buildFolder() {
  return process.env.NEXT_DIST_DIR ?? '.next';
}

/** @returns {Promise<string | null>} the hash to build, or null when the folder is up to date */
export async function staleBuild() {
  const hash = await hashOf(SOURCES, { skip: (path) => /\.test\.tsx?$/.test(path) || path === 'lib/db/generated' });
  const stamp = await readFile(stampFile(), 'utf8').catch(() => '');
  return stamp === hash && existsSync(join(PROJECT, buildFolder(), 'BUILD_ID')) ? null : hash;
}

/** Throws an Error that carries the compiler's words. @param {string} hash from `staleBuild` */
export async function buildPages(hash) {
  await rm(stampFile(), { force: true });
  const tool = join(PROJECT, 'node_modules', 'next', 'dist', 'bin', 'next');
  const child = spawn(process.execPath, [tool, 'build'], {
    cwd: PROJECT,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text += data;
    });
  }
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  process.removeListener('exit', stop);
  if (code !== 0) throw new Error(`The pages could not be built:\n${text.trim().split('\n').slice(-40).join('\n')}`);
  await writeFile(stampFile(), hash);
}

function stampFile() {
  return join(PROJECT, buildFolder(), 'weftline-sources');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await phase('make the database client', ensurePrismaClient);
    const stale = await staleBuild();
    if (stale) await phase('build the pages', () => buildPages(stale));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
