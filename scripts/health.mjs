// @ts-check
/**
 * `npm run health -- web` or `-- worker`: ends with 0 where the process of this host is well, for health checks of containers.
 * The web process is where it answers and reaches its database (workers may be missing: that is not its illness); a worker is
 * where its lease is good.
 */
import { hostname } from 'node:os';
import pg from 'pg';

const PATIENCE_MS = 4_000;

try {
  const role = process.argv[2];
  const ill = role === 'web' ? await askWeb() : role === 'worker' ? await askDatabase() : 'say which: web or worker';
  if (ill !== null) throw new Error(ill);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @returns {Promise<string | null>} what is wrong */
async function askWeb() {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT || 3000}/api/health`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const { database } = /** @type {{ database?: string }} */ (await response.json());
  return database === 'ok' ? null : `the web process says that its database is ${database}`;
}

/** @returns {Promise<string | null>} what is wrong */
async function askDatabase() {
  const client = new pg.Client({
    connectionString: process.env.DATABASE_URL,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from worker where status = 'alive' and lease_until > now() and starts_with(name, $1)`, [
      `${hostname()}:`,
    ]);
    return rowCount === 0 ? `no worker of ${hostname()} has a lease` : null;
  } finally {
    await client.end();
  }
}
