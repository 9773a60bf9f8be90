import { loadGraph } from '#lib/db/definitions.ts';
import { readSlimRowsAfter } from '#lib/db/run-events.ts';
import type { FullRun } from '#lib/db/run-list.ts';
import { apply } from '#lib/engine/apply.ts';
import { type AttemptRecord, collectAttempts } from '#lib/engine/attempts.ts';
import { eventsAfter } from '#lib/engine/journal-row.ts';
import { initialState, type RunState } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';

/** A run as its journal tells it. Outputs may be marks (see `readSlimRowsAfter`). */
export interface FoldedRun {
  readonly state: RunState;
  readonly attempts: ReadonlyMap<string, readonly AttemptRecord[]>;
}

/** Runs of fewer events are folded faster than they are worth keeping. */
const WORTH_KEEPING = 500;
/** Events of all runs that are kept; one takes about a kilobyte. */
const MOST_EVENTS = 100_000;
/** A run that nobody has asked for in so many milliseconds is forgotten. */
const KEEP_MS = 60_000;

interface Kept {
  readonly hash: string;
  readonly advance: () => Promise<FoldedRun>;
  events: number;
  usedAt: number;
}

const registry = globalThis as typeof globalThis & { weftlineFoldedRuns?: Map<string, Kept> };

/**
 * Folds a run. A long one is kept for those who read on in it, page by page or again and again while it runs: they pay for
 * what is new in its journal alone. The answer is shared and moves on with the next reader: use it before anything is awaited.
 */
export async function readFoldedRun({ uuid, definitionHash }: Pick<FullRun, 'uuid' | 'definitionHash'>): Promise<FoldedRun> {
  registry.weftlineFoldedRuns ??= new Map();
  const all = registry.weftlineFoldedRuns;
  const now = Date.now();
  for (const [key, { usedAt }] of all) if (usedAt < now - KEEP_MS) all.delete(key);
  const known = all.get(uuid);
  const kept = known?.hash === definitionHash ? known : await begin(uuid, definitionHash);
  const folded = await kept.advance().catch((error: unknown) => {
    all.delete(uuid);
    throw error;
  });
  kept.events = folded.state.seq;
  kept.usedAt = now;
  all.delete(uuid);
  if (kept.events >= WORTH_KEEPING) all.set(uuid, kept);
  let events = 0;
  for (const { events: more } of all.values()) events += more;
  for (const [key, { events: fewer }] of all) {
    if (events <= MOST_EVENTS) break;
    all.delete(key);
    events -= fewer;
  }
  return folded;
}

async function begin(uuid: string, hash: string): Promise<Kept> {
  const state = initialState(await loadGraph(hash, stepCatalog));
  const attempts = collectAttempts();
  const folded = { state, attempts: attempts.found };
  // One reader at a time: events are taken in once and in order.
  let turn: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<FoldedRun> => {
    for (const event of eventsAfter(await readSlimRowsAfter(uuid, state.seq), state.seq)) {
      apply(state, event);
      attempts.take(event);
    }
    return folded;
  };
  const advance = (): Promise<FoldedRun> => {
    const next = turn.then(read);
    turn = next.catch(() => {});
    return next;
  };
  return { hash, advance, events: 0, usedAt: 0 };
}
