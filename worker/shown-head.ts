import { headOf, type RunHead } from '#lib/db/run-head.ts';
import type { RunStatus } from '#lib/engine/events.ts';
import type { RunState } from '#lib/engine/state.ts';

/** A run's row is written at least this often (milliseconds) while the run moves on; its progress in lists may be that old. */
const SHOW_PROGRESS_MS = 1000;

/** What a run's row says as far as its owner knows, so that it is written only when that is out of date. */
export class ShownHead {
  #status: RunStatus;
  #at = performance.now();

  constructor(status: RunStatus) {
    this.#status = status;
  }

  /** The projections to write now, or null to leave the row as it is. `must`: something else needs the row written. */
  update(state: RunState, must: boolean): RunHead | null {
    if (!must && state.status === this.#status && performance.now() - this.#at <= SHOW_PROGRESS_MS) return null;
    this.#status = state.status;
    this.#at = performance.now();
    return headOf(state);
  }
}
