import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '#scripts/migrate.mjs';
import { startPostgres } from '#scripts/postgres.mjs';

/**
 * The database machine: PostgreSQL on its back address for whoever has the password, and on a unix socket for the driver, who
 * sees everything whatever cables are cut. Arguments: folder, address, password.
 */
const [folder = '', address = '', password = ''] = process.argv.slice(2);
const hba = join(folder, 'pg_hba.conf');
await mkdir(folder, { mode: 0o700 });
await writeFile(hba, 'local all all trust\nhost all all 10.77.0.0/24 scram-sha-256\n');
const postgres = await startPostgres({ folder, settings: { listen_addresses: address, hba_file: hba } });
const client = new pg.Client({ connectionString: postgres.url() });
await client.connect();
await client.query(`alter user weftline password '${password}'`);
await client.end();
await migrate(postgres.url());
console.log(postgres.url());
// It ends with the namespaces; until then the server must have someone who waits for it.
process.stdin.resume();
