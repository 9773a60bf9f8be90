import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#scripts/migrate.mjs';
import { type Postgres, startPostgres } from '#scripts/postgres.mjs';

/** A PostgreSQL server that nobody else uses, to be hurt. */
export interface OwnServer {
  readonly url: string;
  readonly folder: string;
  /** Of the postmaster. */
  pid(): number;
  /** Starts what was killed or stopped, as the supervisor does. */
  start(): Promise<void>;
  /** A clean stop. */
  stop(): Promise<void>;
  /** Ends it and takes its folder away. For an `afterAll` of the file itself: one that is registered in a hook is not called. */
  remove(): Promise<void>;
}

/**
 * Starts a server as in production (commits wait for the disk), migrated; `DATABASE_URL` is set to it.
 */
export async function ownServer(): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weftline-fault-'));
  let postgres: Postgres = await startPostgres({ folder });
  await migrate(postgres.url());
  process.env.DATABASE_URL = postgres.url();
  return {
    url: postgres.url(),
    folder,
    pid: () => postgres.pid,
    async start() {
      postgres = await startPostgres({ folder });
    },
    stop: () => postgres.stop('fast'),
    async remove() {
      await postgres.stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
