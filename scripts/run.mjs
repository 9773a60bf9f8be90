// @ts-check
/**
 * One process of an installation that is spread over several: `npm run web`, `npm run worker`. Runs in the foreground on the
 * pinned Node and ends with what it ran; a service manager or a container runtime starts it again. Unlike `npm start` it
 * installs, builds and migrates nothing, and makes no secrets, because they have to be the same everywhere.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder } from './build.mjs';
import { pendingMigrations } from './migrate.mjs';
import { PROJECT } from './stamps.mjs';

const ROLES = { web: '../server/main.ts', worker: '../worker/main.ts' };
const NEEDED = ['DATABASE_URL', 'WEFTLINE_SECRET', 'WEFTLINE_ENCRYPTION_KEY'];

try {
  const role = process.argv[2] ?? '';
  if (role !== 'web' && role !== 'worker') throw new Error('Say which: web or worker.');
  await check(role);
  // Shown by PostgreSQL beside each connection.
  process.env.PGAPPNAME ??= `weftline-${role}`;
  process.env.NODE_ENV ??= 'production';
  await import(ROLES[role]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** Throws an Error of one sentence. @param {'web' | 'worker'} role */
async function check(role) {
  const { readEnv } = await import('../lib/base/env.ts');
  readEnv();
  const missing = NEEDED.filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new Error(`Set ${missing.join(' and ')}: processes that work together need the same ones. See docs/scaling.md.`);
  if (
    !existsSync(join(PROJECT, 'lib', 'db', 'generated', 'client.ts')) ||
    (role === 'web' && !existsSync(join(PROJECT, buildFolder(), 'BUILD_ID')))
  )
    throw new Error('This folder is not built yet; run "npm run build" first.');
  const pending = await pendingMigrations(String(process.env.DATABASE_URL));
  if (pending.length > 0)
    throw new Error(`The database lacks ${pending.join(', ')}; run "npm run migrate" once before the new version starts.`);
}
