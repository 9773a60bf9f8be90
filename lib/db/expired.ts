import { database } from './client.ts';
import { sweepIdempotency } from './idempotency.ts';
import { sweepFires } from './schedule-fires.ts';

const DAY_MS = 86_400_000;

/**
 * Removes what has expired and nobody can use: kept answers, sessions, tokens, counters of tries, what became of due times long
 * ago. Answers how many rows.
 */
export async function deleteExpired(now: Date): Promise<number> {
  const sessions = await database().session.deleteMany({ where: { expiresAt: { lt: now } } });
  const tokens = await database().verification.deleteMany({ where: { expiresAt: { lt: now } } });
  const tries = await database().rateLimit.deleteMany({ where: { lastRequest: { lt: BigInt(now.getTime() - DAY_MS) } } });
  const rows = sessions.count + tokens.count + tries.count;
  return rows + (await sweepFires(new Date(now.getTime() - 365 * DAY_MS))) + (await sweepIdempotency(now));
}
