import type { WaitChanges } from '#lib/db/wait-rows.ts';
import type { JournalRow } from '#lib/engine/journal-row.ts';
import { type OpenWait, openWait, openWaits } from '#lib/engine/open-waits.ts';
import type { RunState } from '#lib/engine/state.ts';

/** Rows after which any wait of the run may have changed. */
const RUN_WIDE: readonly string[] = ['run_resumed', 'run_reopened', 'run_completed'];
const NOTHING: WaitChanges = { opened: [], closed: [] };

/** Which waits of a driven run the database shows, so that an append changes those alone that its rows have changed. */
export class RunWaits {
  readonly #state: RunState;
  readonly #shown: Set<string>;

  /** `state` as the journal has it. */
  constructor(state: RunState) {
    this.#state = state;
    this.#shown = new Set(openWaits(state).map((one) => one.step));
  }

  /** True while somebody outside may end a wait of the run. */
  get any(): boolean {
    return this.#shown.size > 0;
  }

  /** What the rows, which are all that the state has taken in, change. It counts as shown from then on. */
  changes(rows: readonly JournalRow[]): WaitChanges {
    const touched = new Set<string>();
    for (const row of rows) {
      if (RUN_WIDE.includes(row.type)) for (const step of this.#shown) touched.add(step);
      else if (row.step !== null && (row.type === 'step_waiting' || this.#shown.has(row.step))) touched.add(row.step);
    }
    if (touched.size === 0) return NOTHING;
    const opened: OpenWait[] = [];
    const closed: string[] = [];
    for (const step of touched) {
      const wait = openWait(this.#state, step);
      if (wait !== null) opened.push(wait);
      else if (this.#shown.has(step)) closed.push(step);
      if (wait !== null) this.#shown.add(step);
      else this.#shown.delete(step);
    }
    return { opened, closed };
  }
}
