import { createLog } from '#lib/base/log.ts';
import { type Transaction, transaction } from './transaction.ts';

/**
 * The journal is cut into weeks by the time inside the runs' ids. Rows of a run that retention removes are deleted at once
 * while its week is open; in a closed one they stay until
 *
 *     no run of the week is kept   ──▶ the partition is dropped
 *     many of its rows are remains ──▶ the rest moves into a new table that takes its place
 *     few of them are              ──▶ they are deleted, at most once a day
 *
 * so the disk comes back however long single runs live. The rules are functions of the database (migration 0105).
 */
export interface PartitionWork {
  readonly dropped: readonly string[];
  readonly cleaned: readonly string[];
}

/** Whoever reads or writes runs waits for a change of the partitions for no longer than this, in milliseconds. */
const PATIENCE_MS = 500;
const LOCK_NOT_AVAILABLE = '55P03';
const log = createLog({ part: 'journal' });

/** Makes the partitions of the weeks to come, drops those that nobody needs and cleans those that hold remains. */
export async function keepPartitions(): Promise<PartitionWork> {
  await transaction((client) => client.query('select journal.ensure_partitions()'));
  return { dropped: await each('journal.drop_empty_partition()'), cleaned: await each('journal.clean_partition()') };
}

/** Does it as long as there is something to do, each time in a transaction of its own; what has to wait is left for the next time. */
async function each(what: string): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const name = await transaction((client) => patiently(client, what)).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
      log.debug('A partition of the journal is in use; trying again later', { what });
      return null;
    });
    if (name === null) return names;
    names.push(name);
  }
}

async function patiently(client: Transaction, what: string): Promise<string | null> {
  await client.query(`set local lock_timeout = ${PATIENCE_MS}`);
  const { rows } = await client.query<{ name: string | null }>(`select ${what} as name`);
  return rows[0]?.name ?? null;
}
