import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensurePrismaClient } from '#scripts/generate.mjs';
import { migrate } from '#scripts/migrate.mjs';
import { startPostgres } from '#scripts/postgres.mjs';

const TEMPLATE = 'weftline_template';

/** Vitest's global set-up of the database project: one throw-away server with one migrated template for all test files. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await ensurePrismaClient();
  const folder = await mkdtemp(join(tmpdir(), 'weftline-test-'));
  const postgres = await startPostgres({ folder, database: TEMPLATE, durable: false });
  const tearDown = async () => {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await migrate(postgres.url());
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('databaseServer', { adminUrl: postgres.url('postgres'), template: TEMPLATE, folder });
  return tearDown;
}
