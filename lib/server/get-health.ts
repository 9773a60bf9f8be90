import type { getHealth as contract } from '#lib/contracts/account.ts';
import type { AnswerOf } from '#lib/contracts/contract.ts';
import { database } from '#lib/db/client.ts';
import { unservedQueues } from '#lib/db/remote-steps.ts';
import product from '#package.json' with { type: 'json' };

/** A database that takes longer than this, in milliseconds, counts as down. */
const PATIENCE_MS = 2000;

/** Milliseconds that a queue may have something waiting without a worker: one that is started anew is away for a moment. */
const UNSERVED_MS = 5000;

/** Whether database and workers answer. `degraded` is served with status 503. */
export async function getHealth(): Promise<AnswerOf<typeof contract>> {
  const found = await inTime(Promise.all([liveWorkers(), unservedQueues(UNSERVED_MS)]));
  const [workers, unserved] = found ?? [0, []];
  return {
    status: workers === 0 ? 'degraded' : 'ok',
    database: found === null ? 'down' : 'ok',
    workers,
    unserved_queues: unserved.map((one) => ({ ...one, since: one.since.toISOString() })),
    version: product.version,
  };
}

/** Workers whose lease has not ended. */
function liveWorkers(): Promise<number> {
  return database().worker.count({ where: { status: 'alive', leaseUntil: { gt: new Date() }, workspaceId: null } });
}

/** Null where the database does not answer. */
async function inTime<T>(asked: Promise<T>): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, PATIENCE_MS, null);
  const answer = await Promise.race([asked.catch(() => null), late]);
  clearTimeout(timer);
  return answer;
}
