import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { atEnd } from '#lib/base/test-end.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: { adminUrl: string; template: string; folder: string };
  }
}

export interface TestDatabase {
  /** Connection string of a database that nobody else uses. */
  readonly url: string;
  readonly name: string;
}

/**
 * Gives a test file a migrated, empty database of its own and drops it after the file's last test. Call it in `beforeAll`
 * (or at the top level) of a `*.db.test.ts` file, once per database needed.
 *
 * `DATABASE_URL` is set to the newest one, so `database()` finds it. Clean-ups that use the database belong into an `atEnd`
 * behind this one: the newest is done first, so they still find it.
 *
 * `empty` leaves out the migrations, for tests of the migration runner itself.
 */
export async function freshDatabase({ empty = false }: { empty?: boolean } = {}): Promise<TestDatabase> {
  const { adminUrl, template } = inject('databaseServer');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : template}`);
  const address = new URL(adminUrl);
  address.pathname = `/${name}`;
  process.env.DATABASE_URL = address.href;
  atEnd(() => administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  return { url: address.href, name };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
