import { database } from './client.ts';
import { sweepIdempotency } from './idempotency.ts';

const DAY_MS = 86_400_000;

/** Removes what has expired and nobody can use: kept answers, sessions, tokens, counters of tries. Answers how many rows. */
export async function deleteExpired(now: Date): Promise<number> {
  const sessions = await database().session.deleteMany({ where: { expiresAt: { lt: now } } });
  const tokens = await database().verification.deleteMany({ where: { expiresAt: { lt: now } } });
  const tries = await database().rateLimit.deleteMany({ where: { lastRequest: { lt: BigInt(now.getTime() - DAY_MS) } } });
  return sessions.count + tokens.count + tries.count + (await sweepIdempotency(now));
}
