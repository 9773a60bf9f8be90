import { database } from './client.ts';
import type { Prisma } from './generated/client.ts';

/**
 * How many runs match. Exact up to `EXACT`; counting a million rows takes a quarter of a second, so beyond that the exact
 * number of a moment ago is answered while the next one is counted behind the caller's back.
 */
export async function countRuns(where: Prisma.RunWhereInput): Promise<number> {
  const few = await database().run.count({ where, take: EXACT + 1 });
  if (few <= EXACT) return few;
  const key = JSON.stringify(where);
  const known = remembered().get(key);
  if (known === undefined) return recount(key, where);
  const age = Date.now() - known.at;
  if (age > Math.max(MIN_AGE_MS, known.cost * 40) && !known.busy) {
    known.busy = true;
    recount(key, where).catch(() => {
      known.busy = false;
    });
  }
  return Math.max(known.count, EXACT + 1);
}

const EXACT = 10_000;
/** A number younger than this, in milliseconds, is good enough. */
const MIN_AGE_MS = 5000;
const MOST_KEYS = 1000;

interface Remembered {
  readonly count: number;
  readonly at: number;
  /** Milliseconds that counting took. */
  readonly cost: number;
  busy: boolean;
}

const registry = globalThis as typeof globalThis & { weftlineRunCounts?: Map<string, Remembered> };

function remembered(): Map<string, Remembered> {
  registry.weftlineRunCounts ??= new Map();
  return registry.weftlineRunCounts;
}

async function recount(key: string, where: Prisma.RunWhereInput): Promise<number> {
  const began = Date.now();
  const count = await database().run.count({ where });
  if (remembered().size >= MOST_KEYS) remembered().clear();
  remembered().set(key, { count, at: Date.now(), cost: Date.now() - began, busy: false });
  return count;
}
