import type { Access } from '#lib/auth/access.ts';
import { isDatabaseAway } from '#lib/base/database-away.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { type FollowedRun, findFollowed } from '#lib/db/followed-run.ts';
import { readNewEvents } from '#lib/db/new-events.ts';
import { subscribeRun } from '#lib/db/notify.ts';
import { lastSeqOf, readEvents } from '#lib/db/run-events.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { isFinal } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { Hints } from './hints.ts';
import { redactEvent } from './redact.ts';
import { noRun, runUuid } from './run-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Events of one read of a long story, at most about. More would hold up the other streams of the process while they are written. */
const BATCH = 250;
/** The net under lost hints: milliseconds after which a reader looks by itself. */
const LOOK_AGAIN_MS = 1000;
/** After so many looks without an event the run itself is looked for: it may have been deleted. */
const LOOKS_PER_CHECK = 10;
/** Looks in a row for a database that is away, before its readers are sent away too. */
const MOST_LOOKS_AWAY = 300;

export type Following =
  /** Nothing follows the given event, ever (unless the run is reopened). */
  | { readonly ended: true }
  /** Batches of events in order, history first; ends after the run's last event, with `signal`, and with the run. */
  | { readonly ended: false; readonly events: AsyncIterable<readonly RunEvent[]> };

/**
 * Follows a run from after event number `after` (0: from its beginning). A number that the run has not reached is no
 * place in it and gives the whole history. Throws `not_found`.
 */
export async function followRun(
  access: Access,
  { runId, after, signal }: { readonly runId: string; readonly after: number; readonly signal: AbortSignal },
): Promise<Following> {
  const uuid = runUuid(runId);
  const find = () => findFollowed(workspaceUuid(access), uuid);
  const run = await find();
  if (run === null) throw noRun();
  const from = after > run.lastSeq && after > (await lastSeqOf(uuid)) ? 0 : after;
  if (from === run.lastSeq && isFinal(run.status as Parameters<typeof isFinal>[0])) return { ended: true };
  const graph = await loadGraph(run.definitionHash, stepCatalog);
  return { ended: false, events: redacted(follow(runId, from, signal, find), graph) };
}

/** What people may see of a batch, by the batch as it was read: one that several readers got is redacted once, and stays one. */
const shownOf = new WeakMap<readonly RunEvent[], readonly RunEvent[]>();

async function* redacted(batches: AsyncIterable<readonly RunEvent[]>, graph: Graph): AsyncGenerator<readonly RunEvent[]> {
  for await (const batch of batches) {
    const shown = shownOf.get(batch) ?? batch.map((event) => redactEvent(graph, event));
    shownOf.set(batch, shown);
    yield shown;
  }
}

async function* follow(
  runId: string,
  from: number,
  signal: AbortSignal,
  find: () => Promise<FollowedRun | null>,
): AsyncGenerator<readonly RunEvent[]> {
  const hints = new Hints(signal);
  // Before the first read, so that nothing falls between reading and listening.
  const unsubscribe = subscribeRun(runId, () => hints.tell());
  let seq = from;
  let idle = 0;
  let completed = false;
  let long = false;
  try {
    while (!signal.aborted) {
      const news: readonly RunEvent[] | null = long ? null : await whenBack(() => readNewEvents(runId, seq), hints, signal);
      const events: readonly RunEvent[] = news ?? (await whenBack(() => readEvents(runId, seq, BATCH), hints, signal));
      long = news === null && events.length >= BATCH;
      const last = events.at(-1);
      if (last === undefined) {
        if (completed) return;
        idle += 1;
        if (idle % LOOKS_PER_CHECK === 0 && (await whenBack(find, hints, signal)) === null) return;
        await hints.wait(LOOK_AGAIN_MS);
        continue;
      }
      idle = 0;
      seq = last.seq;
      completed = last.type === 'run_completed';
      yield events;
      if (completed && !long) return;
    }
  } finally {
    unsubscribe();
    hints.close();
  }
}

/**
 * Reads, again and again while the database is away: a reader that was cut off now would find nobody to come back to, and
 * browsers try that only once.
 */
async function whenBack<T>(read: () => Promise<T>, hints: Hints, signal: AbortSignal): Promise<T> {
  for (let looks = 0; ; looks++) {
    try {
      return await read();
    } catch (thrown) {
      if (!isDatabaseAway(thrown) || looks === MOST_LOOKS_AWAY || signal.aborted) throw thrown;
      await hints.wait(LOOK_AGAIN_MS);
    }
  }
}
