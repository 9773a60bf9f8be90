import type { Log } from '#lib/base/log.ts';
import { giveBackOrphans } from '#lib/db/claims.ts';
import { pool } from '#lib/db/client.ts';
import { deleteExpired } from '#lib/db/expired.ts';
import { deleteExpiredRuns } from '#lib/db/expired-runs.ts';
import { trimCalls } from '#lib/db/hook-calls.ts';
import { keepPartitions } from '#lib/db/journal-partitions.ts';
import { deleteOrphanRuns, deleteUnusedDefinitions } from '#lib/db/leftovers.ts';
import { heartbeatMs, reapWorkers, type WorkerLease } from '#lib/db/workers.ts';

/** Milliseconds between two looks for dead workers, two sweeps, and two looks for runs that no living worker owns. */
const REAP_MS = 250;
const SWEEP_MS = 1000;
const ORPHANS_MS = 30_000;
const LIMITS_MS = 5000;
const HOUSEKEEPING_MS = 3_600_000;
const RETENTION_MS = 30_000;
/** Runs that are removed before it is asked whether the worker stops. */
const MOST_EXPIRED = 5_000;

export interface Pulse {
  readonly lease: WorkerLease;
  readonly log: Log;
  /** The worker was declared dead: everything must stop at once. */
  readonly onFenced: () => void;
  /** Dead workers' runs were given back. */
  readonly onReaped: () => void;
  /** Time to look for what no hint told of. */
  readonly onSweep: () => Promise<void>;
  /** Time to compare limits to the runs that there are. */
  readonly onLimits: () => Promise<void>;
}

/** The worker's periodic duties: heartbeat, looking for dead workers, the sweep. Answers how to end them. */
export function keepAlive({ lease, log, onFenced, onReaped, onSweep, onLimits }: Pulse): () => void {
  let stopped = false;
  const beat = every(heartbeatMs(), async () => {
    const alive = await lease.beat();
    if (!alive) onFenced();
  });
  const reap = every(REAP_MS, async () => {
    const { workers, runs } = await reapWorkers(lease.id);
    if (workers.length === 0) return;
    log.warn('Took over from dead workers', { workers, runs: runs.length });
    onReaped();
  });
  const sweep = every(SWEEP_MS, onSweep);
  const orphans = every(ORPHANS_MS, async () => {
    if ((await giveBackOrphans()) > 0) onReaped();
  });
  const limits = every(LIMITS_MS, onLimits);
  const retention = every(RETENTION_MS, async () => {
    // As many as there are: what comes in at thousands a second has to go at thousands a second.
    while (!stopped && (await deleteExpiredRuns(new Date(), MOST_EXPIRED)) === MOST_EXPIRED);
    await deleteOrphanRuns();
  });
  const keepHouse = every(HOUSEKEEPING_MS, houseKeeping);
  houseKeeping().catch((error) => log.warn('Housekeeping failed', { error }));
  return () => {
    stopped = true;
    for (const stop of [beat, reap, sweep, orphans, limits, retention, keepHouse]) stop();
  };

  /** A failed duty is tried again at its next time; two of one kind never overlap. */
  function every(millis: number, duty: () => Promise<void>): () => void {
    let stopped = false;
    let timer: NodeJS.Timeout;
    const again = (): void => {
      timer = setTimeout(() => {
        duty()
          .catch((error) => log.debug('A duty failed', { error }))
          .finally(() => {
            if (!stopped) again();
          });
      }, millis);
    };
    again();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }
}

/** Partitions of the journal are made ahead, and go when they are empty; blobs and definitions that nothing points at, workers long gone and all that has expired are removed. */
async function houseKeeping(): Promise<void> {
  await keepPartitions();
  await pool().query(
    `delete from blob b where created_at < now() - interval '1 day' and not exists (select from blob_use u where u.hash = b.hash)`,
  );
  await pool().query(`delete from worker where status <> 'alive' and lease_until < now() - interval '1 day'`);
  await deleteExpired(new Date());
  await deleteUnusedDefinitions();
  await trimCalls();
}
