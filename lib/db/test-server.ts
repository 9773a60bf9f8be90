import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '#lib/base/test-end.ts';
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
}

/**
 * Starts a server as in production (commits wait for the disk), migrated; `DATABASE_URL` is set to it. It is gone after the
 * file's last test, behind the clean-ups that are registered later.
 */
export async function ownServer(): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weftline-fault-'));
  let postgres: Postgres = await startPostgres({ folder });
  atEnd(async () => {
    await postgres.stop('immediate');
    rmSync(folder, { recursive: true, force: true });
  });
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
  };
}
