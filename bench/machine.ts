import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { pool } from '#lib/db/client.ts';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
}

export async function describeMachine(): Promise<Machine> {
  const { rows } = await pool().query<{ version: string }>(`select current_setting('server_version') as version`);
  return {
    cores: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release()}`,
    node: process.version,
    postgres: rows[0]?.version ?? 'unknown',
  };
}

/** What is measured: everything but the measuring itself and the texts about it. */
const PRODUCT = ['--', '.', ':!bench', ':!docs', ':!*.md'];

/** The last commit that changed the product, with a star where files differ from it. */
export function describeSource(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8', cwd: join(import.meta.dirname, '..') }).trim();
  try {
    return git('log', '-1', '--format=%h', ...PRODUCT) + (git('status', '--porcelain', ...PRODUCT) === '' ? '' : '*');
  } catch {
    return 'unknown';
  }
}
