import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
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

/** The commit that is measured, with a star where files differ from it. */
export function describeSource(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty=*', '--abbrev=7'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  } catch {
    return 'unknown';
  }
}
