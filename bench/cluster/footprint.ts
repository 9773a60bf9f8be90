import { readFile } from 'node:fs/promises';
import { pool } from '#lib/db/client.ts';
import type { Installation, Node } from './installation.ts';

/** What a process takes: resident memory in MB, and connections of the database. */
interface Use {
  readonly memory: number;
  readonly connections: number;
}

type Roles = Readonly<Record<'web' | 'worker', Use>>;

/** The most of each kind of process. */
export interface Footprint {
  readonly idle: Roles;
  readonly busy?: Roles;
}

/** Measures the processes as they are now. */
export async function footprint({ webs, workers }: Installation): Promise<{ readonly idle: Roles }> {
  const { rows } = await pool().query<{ address: string; connections: number }>(
    `select host(client_addr) as address, count(*)::int as connections from pg_stat_activity where client_addr is not null group by 1`,
  );
  const most = async (nodes: readonly Node[]): Promise<Use> => {
    const memory = await Promise.all(nodes.map(({ process }) => residentMegabytes(process?.pid ?? 0)));
    const connections = nodes.map(({ machine }) => rows.find(({ address }) => address === machine.back)?.connections ?? 0);
    return { memory: Math.max(...memory), connections: Math.max(...connections) };
  };
  return { idle: { web: await most(webs), worker: await most(workers) } };
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
}
