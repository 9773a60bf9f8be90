import type { Log } from '#lib/base/log.ts';
import { type ClaimedRun, type Claimer, claimQueued, claimReturned, giveBackUnknown } from '#lib/db/claims.ts';
import type { Slots } from './slots.ts';

/** Runs of one claim. */
const MAX_CLAIM = 500;
const RETRY_MS = 200;

export interface ClaimOptions {
  /** As whom it claims now. */
  readonly claimer: () => Claimer;
  readonly slots: Slots;
  readonly log: Log;
  /** Uuids of the runs that are driven or about to be. */
  readonly held: () => string[];
  /** Gets what was claimed; its slots are taken. */
  readonly begin: (runs: ClaimedRun[]) => void;
}

/**
 * Takes runs while there are free slots. Hints say when to look; between them a full answer means that there is more. One
 * claim is under way at a time, so what comes free meanwhile is filled by the next in one go.
 */
export class ClaimLoop {
  readonly #options: ClaimOptions;
  #queued = false;
  #returned = false;
  #running = false;
  /** A claim's answer was lost: it may have taken runs that nobody here knows of. */
  #doubt = false;
  #stopped = false;

  constructor(options: ClaimOptions) {
    this.#options = options;
  }

  /** There may be new runs, or (`returned`) runs without an owner and parked ones that are due. */
  hint(kind: 'queued' | 'returned' | 'both'): void {
    if (kind !== 'returned') this.#queued = true;
    if (kind !== 'queued') this.#returned = true;
    this.go();
  }

  /** A slot came free. */
  go(): void {
    if (this.#running || this.#stopped || !(this.#queued || this.#returned)) return;
    this.#running = true;
    void this.#loop().finally(() => {
      this.#running = false;
      if (!this.#stopped && (this.#queued || this.#returned) && this.#options.slots.free > 0) this.go();
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  async #loop(): Promise<void> {
    const { slots, log } = this.#options;
    while (!this.#stopped && slots.free > 0 && (this.#queued || this.#returned)) {
      try {
        if (this.#doubt) {
          await giveBackUnknown(this.#options.claimer().workerId, this.#options.held());
          this.#doubt = false;
          this.#returned = true;
        }
        // What was under way before comes first: it is older, and its slot was counted once already.
        if (this.#returned) {
          this.#returned = false;
          if (await this.#claim(claimReturned)) this.#returned = true;
        } else {
          this.#queued = false;
          if (await this.#claim(claimQueued)) this.#queued = true;
        }
      } catch (error) {
        log.warn('Runs cannot be claimed; trying again', { error });
        this.#doubt = true;
        this.#queued = true;
        this.#returned = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** True where there may be more. */
  async #claim(take: typeof claimQueued): Promise<boolean> {
    const { claimer, slots, begin } = this.#options;
    const limit = Math.min(slots.free, MAX_CLAIM);
    // Taken before the answer comes: others claim too, and together they must not take more than there are.
    slots.take(limit);
    let claimed = 0;
    let runs: ClaimedRun[];
    try {
      runs = await take(claimer(), limit);
      claimed = runs.length;
    } finally {
      slots.giveBack(limit - claimed);
    }
    if (runs.length > 0) begin(runs);
    return runs.length === limit;
  }
}
