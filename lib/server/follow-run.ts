import type { Access } from '#lib/auth/access.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { subscribeRun } from '#lib/db/notify.ts';
import { lastSeqOf, readEvents } from '#lib/db/run-events.ts';
import { findRun } from '#lib/db/run-list.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { isFinal } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { redactEvent } from './redact.ts';
import { loadRun } from './run-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Events of one read, at most about. */
const BATCH = 1000;
/** The net under lost hints: milliseconds after which a reader looks by itself. */
const LOOK_AGAIN_MS = 1000;
/** After so many looks without an event the run itself is looked for: it may have been deleted. */
const LOOKS_PER_CHECK = 10;

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
  const run = await loadRun(access, runId);
  const from = after > run.lastSeq && after > (await lastSeqOf(run.uuid)) ? 0 : after;
  if (from === run.lastSeq && isFinal(run.status as Parameters<typeof isFinal>[0])) return { ended: true };
  const graph = await loadGraph(run.definitionHash, stepCatalog);
  const stillThere = async () => (await findRun(workspaceUuid(access), run.uuid)) !== null;
  const batches = follow(runId, from, signal, stillThere);
  return { ended: false, events: redacted(batches, (event) => redactEvent(graph, event)) };
}

async function* redacted(batches: AsyncIterable<RunEvent[]>, redact: (event: RunEvent) => RunEvent): AsyncGenerator<RunEvent[]> {
  for await (const batch of batches) yield batch.map(redact);
}

async function* follow(runId: string, from: number, signal: AbortSignal, stillThere: () => Promise<boolean>): AsyncGenerator<RunEvent[]> {
  const hints = new Hints(signal);
  // Before the first read, so that nothing falls between reading and listening.
  const unsubscribe = subscribeRun(runId, () => hints.tell());
  let seq = from;
  let idle = 0;
  let completed = false;
  try {
    while (!signal.aborted) {
      const events = await readEvents(runId, seq, BATCH);
      const last = events.at(-1);
      if (last === undefined) {
        if (completed) return;
        idle += 1;
        if (idle % LOOKS_PER_CHECK === 0 && !(await stillThere())) return;
        await hints.wait(LOOK_AGAIN_MS);
        continue;
      }
      idle = 0;
      seq = last.seq;
      completed = last.type === 'run_completed';
      yield events;
      if (completed && events.length < BATCH) return;
    }
  } finally {
    unsubscribe();
    hints.close();
  }
}

/** Waits for a hint, a time or the end, whichever is first. A hint that came since the last wait counts. */
class Hints {
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.tell();
  #told = false;
  #wake: (() => void) | null = null;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
  }

  tell(): void {
    this.#told = true;
    this.#wake?.();
  }

  async wait(millis: number): Promise<void> {
    if (!this.#told && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, millis);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#told = false;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
