import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { migrate } from '#scripts/migrate.mjs';
import { startPostgres } from '#scripts/postgres.mjs';

export interface ThrowawayDatabase {
  /** Makes a fresh, migrated database on the same server and does the work on it; the one before is used again afterwards. */
  apart<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Stops the server and removes all of it. */
  remove(): Promise<void>;
}

/** A PostgreSQL of its own with the settings of a real one: every commit waits for the disk. DATABASE_URL leads to it. */
export async function startDatabase(): Promise<ThrowawayDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'weftline-bench-'));
  const postgres = await startPostgres({ folder, durable: true });
  process.env.DATABASE_URL = postgres.url();
  await migrate(postgres.url());
  await requireDurable();
  return {
    async apart(name, work) {
      const url = postgres.url(name);
      await migrate(url);
      process.env.DATABASE_URL = url;
      try {
        return await work();
      } finally {
        await letGo();
        process.env.DATABASE_URL = postgres.url();
        await pool().query(`drop database ${name} with (force)`);
      }
    },
    async remove() {
      await letGo();
      await postgres.stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A figure of a database that forgets on a crash would mean nothing. */
async function requireDurable(): Promise<void> {
  for (const [setting, wanted] of [
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['full_page_writes', 'on'],
  ]) {
    const { rows } = await pool().query<{ value: string }>('select current_setting($1) as value', [setting]);
    if (rows[0]?.value !== wanted) throw new Error(`${setting} is ${rows[0]?.value}: what is measured would not be durable`);
  }
}

async function letGo(): Promise<void> {
  await stopListening();
  await disconnect();
}
