import { deleteAllButJournals } from './control-runs.ts';
import { transaction } from './transaction.ts';

/** Runs of one batch, so that no transaction holds many rows for long. */
const BATCH = 500;

/**
 * Deletes runs whose retention is over, in bounded batches, at most `most`. One whose callback is still to be sent stays
 * until it is. Rows of old journals stay where they lie until their partition goes (see `journal-partitions.ts`). Answers how many.
 */
export async function deleteExpiredRuns(now: Date, most: number): Promise<number> {
  let deleted = 0;
  while (deleted < most) {
    const batch = await transaction(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `select id from run where expires_at <= $1 and owner is null
           and not exists (select from delivery d where d.run_id = run.id and d.status = 'pending')
         order by expires_at limit $2 for update skip locked`,
        [now, Math.min(BATCH, most - deleted)],
      );
      const uuids = rows.map((row) => row.id);
      if (uuids.length === 0) return 0;
      await client.query('select journal.forget_runs($1)', [uuids]);
      await deleteAllButJournals(client, uuids);
      return uuids.length;
    });
    deleted += batch;
    if (batch < BATCH) return deleted;
  }
  return deleted;
}
