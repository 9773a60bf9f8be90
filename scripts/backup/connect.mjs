// @ts-check
/** A connection to back up from or restore to, and the words for one that does not come about. */

/** The same text for the same value, whatever the server or its role is set to. */
const SETTINGS = [
  `client_encoding = 'UTF8'`,
  `datestyle = 'ISO, YMD'`,
  `intervalstyle = 'postgres'`,
  `timezone = 'UTC'`,
  'extra_float_digits = 3',
  'statement_timeout = 0',
  'idle_in_transaction_session_timeout = 0',
  `client_min_messages = 'warning'`,
];

/** Throws an Error of one sentence that carries no password. @param {string} url @param {string} name shown in pg_stat_activity */
export async function connectTo(url, name) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 10_000, keepAlive: true });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    const { hostname, port, searchParams } = new URL(url);
    const { message, code } = /** @type {{ message?: string, code?: string }} */ (error);
    throw new Error(`The database at ${searchParams.get('host') ?? `${hostname}:${port || 5432}`} does not answer (${message || code}).`);
  }
  await client.query(SETTINGS.map((setting) => `SET ${setting}`).join('; '));
  return client;
}
