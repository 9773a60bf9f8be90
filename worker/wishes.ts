import { flaggedRuns } from '#lib/db/claims.ts';

/** A run that is driven here, and looks for what people want of it when it is asked to. */
interface Wished {
  askControl(): void;
}

/**
 * Tells runs that somebody wants something of them. A hint names a run as soon as its flag is set, which may be after the claim
 * that made it this worker's and before its driver is there: such a hint waits for it. What got lost is found by `sweep`.
 */
export class Wishes {
  readonly #workerId: string;
  readonly #runs: ReadonlyMap<string, Wished>;
  /** Runs of which hints came that are not driven here, or not yet. */
  readonly #early = new Set<string>();

  /** `runs`: those that are driven, by their uuids. */
  constructor(workerId: string, runs: ReadonlyMap<string, Wished>) {
    this.#workerId = workerId;
    this.#runs = runs;
  }

  /** A flag was set; null: any may have been. */
  hint(uuid: string | null): void {
    // The flag itself comes with the answer of a flush; an empty one asks for it.
    if (uuid === null) for (const run of this.#runs.values()) run.askControl();
    else if (this.#runs.has(uuid)) this.#runs.get(uuid)?.askControl();
    else this.#early.add(uuid);
  }

  /** A run's driver is there. */
  begin(uuid: string): void {
    if (this.#early.delete(uuid)) this.#runs.get(uuid)?.askControl();
  }

  /** Looks for flags that nobody has answered. */
  async sweep(): Promise<void> {
    // Hints of other workers' runs, for the most part; what is still on its way here is found next time.
    this.#early.clear();
    for (const uuid of await flaggedRuns(this.#workerId)) this.#runs.get(uuid)?.askControl();
  }
}
