import type { getHealth as contract } from '#lib/contracts/account.ts';
import type { AnswerOf } from '#lib/contracts/contract.ts';
import { database } from '#lib/db/client.ts';
import product from '#package.json' with { type: 'json' };

/** A database that takes longer than this, in milliseconds, counts as down. */
const PATIENCE_MS = 2000;

/** Whether database and workers answer. `degraded` is served with status 503. */
export async function getHealth(): Promise<AnswerOf<typeof contract>> {
  const workers = await liveWorkers();
  const status = workers === null || workers === 0 ? 'degraded' : 'ok';
  return { status, database: workers === null ? 'down' : 'ok', workers: workers ?? 0, version: product.version };
}

/** Workers whose lease has not ended, null where the database does not answer. */
async function liveWorkers(): Promise<number | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, PATIENCE_MS, null);
  const count = database()
    .worker.count({ where: { status: 'alive', leaseUntil: { gt: new Date() } } })
    .catch(() => null);
  const workers = await Promise.race([count, late]);
  clearTimeout(timer);
  return workers;
}
