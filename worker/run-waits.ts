import type { WaitChanges } from '#lib/db/wait-rows.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import type { JournalRow } from '#lib/engine/journal-row.ts';
import { type OpenWait, openWait, openWaits } from '#lib/engine/open-waits.ts';
import type { RunState } from '#lib/engine/state.ts';
import { REMOTE_QUIET_MS } from './runtime.ts';

/** Rows after which any wait of the run may have changed. */
const RUN_WIDE: readonly string[] = ['run_resumed', 'run_reopened', 'run_completed'];
/** Milliseconds between two looks at the mail of a run that waits in memory. */
const LOOK_MS = 5000;
const NOTHING: WaitChanges = { opened: [], closed: [] };

/** Which waits of a driven run the database shows, so that an append changes those alone that its rows have changed. */
export class RunWaits {
  readonly #state: RunState;
  /** By step key: the token where the step is offered to other workers, else null. */
  readonly #shown: Map<string, string | null>;
  /** When anything was heard of a step that runs elsewhere, null for never. */
  #heardAt: number | null;

  /** `state` as the journal has it. */
  constructor(state: RunState) {
    this.#state = state;
    this.#shown = new Map(openWaits(state).map((one) => [one.step, offerOf(one)]));
    this.#heardAt = [...this.#shown.values()].some((token) => token !== null) ? Date.now() : null;
  }

  /** True while somebody outside may end a wait of the run. */
  get any(): boolean {
    return this.#shown.size > 0;
  }

  /** Looks at an event that the state has taken in. */
  see(event: NewRunEvent): void {
    if (event.type === 'step_waiting' && event.kind === 'remote') this.#heardAt = Date.now();
    else if (this.#heardAt !== null && 'step' in event && this.#shown.get(event.step) != null) this.#heardAt = Date.now();
  }

  /** Until when the run had better stay at hand, because a step of it that runs elsewhere was heard of lately; null: no need. */
  busyUntil(now: number): number | null {
    return this.#heardAt !== null && this.#heardAt + REMOTE_QUIET_MS > now ? this.#heardAt + REMOTE_QUIET_MS : null;
  }

  /** When to read the run's mail again where no hint comes: one that is lost must not leave the run waiting for ever. */
  lookAt(now: number): number {
    return Math.min(this.busyUntil(now) ?? Infinity, this.any ? now + LOOK_MS : Infinity);
  }

  /** What the rows, which are all that the state has taken in, change. It counts as shown from then on. */
  changes(rows: readonly JournalRow[]): WaitChanges {
    const touched = new Set<string>();
    for (const row of rows) {
      if (RUN_WIDE.includes(row.type)) for (const step of this.#shown.keys()) touched.add(step);
      else if (row.step !== null && (row.type === 'step_waiting' || this.#shown.has(row.step))) touched.add(row.step);
    }
    if (touched.size === 0) return NOTHING;
    const opened: OpenWait[] = [];
    const closed: string[] = [];
    for (const step of touched) {
      const wait = openWait(this.#state, step);
      // The offer of a step that runs elsewhere stands through all that it reports.
      const stands = wait !== null && offerOf(wait) !== null && this.#shown.get(step) === wait.token;
      if (wait !== null && !stands) opened.push(wait);
      else if (wait === null && this.#shown.has(step)) closed.push(step);
      if (wait === null) this.#shown.delete(step);
      else this.#shown.set(step, offerOf(wait));
    }
    return { opened, closed };
  }
}

function offerOf({ kind, token }: OpenWait): string | null {
  return kind === 'remote' ? token : null;
}
