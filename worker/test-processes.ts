import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pool } from '#lib/db/client.ts';
import { until } from './test-runs.ts';

/**
 * A worker process, as in production (or another `program` of this folder), on this database. Resolves when it is alive; the
 * caller ends it. `log`: an open file for what it says.
 */
export async function startWorkerProcess(
  url: string,
  env: Readonly<Record<string, string>> = {},
  program = 'main.ts',
  log: number | 'inherit' = 'inherit',
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program)], {
    env: {
      ...process.env,
      DATABASE_URL: url,
      WORKFLOW_MAX_CONCURRENT_RUNS: '1000',
      EGRESS_ALLOW: '127.0.0.1',
      WEFTLINE_ORIGIN: 'http://127.0.0.1:9',
      WEFTLINE_ENCRYPTION_KEY: 'test-encryption-key-0123456789-0123456789',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'ignore', log],
  });
  await until(() => isAlive(child), 20_000);
  return child;
}

async function isAlive(child: ChildProcess): Promise<boolean> {
  const { rowCount } = await pool().query(`select from worker where status = 'alive' and name like '%:' || $1`, [String(child.pid)]);
  return rowCount === 1;
}
