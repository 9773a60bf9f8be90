import type { Log } from '#lib/base/log.ts';
import { listen, SCHEDULE_CHANNEL } from '#lib/db/notify.ts';
import { postpone, untilNextDue } from '#lib/db/schedule-fires.ts';
import { fireDueSchedules, startWaitingFires } from '#lib/server/fire-schedules.ts';

/** Schedules of one transaction. */
const BATCH = 50;
/** Also without a hint the loop looks once in so many milliseconds: the database's clock may have been moved. */
const LONGEST_SLEEP_MS = 30_000;
const RETRY_MS = 1000;
/** Milliseconds that a schedule which cannot be acted on waits for its next try. */
const POSTPONE_MS = 60_000;

/**
 * Fires schedules. Every worker has this loop; which of them gets a due schedule is decided by the row's lock, and what is
 * due by the database's clock. It sleeps until the next due time and is woken when a schedule changes or a run of one ends.
 *
 *     asleep ─▶ looking ─▶ asleep         (a hint while it looks: it looks once more)
 */
export class ScheduleLoop {
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #stopListening: () => void = () => {};
  #batch = BATCH;

  constructor(log: Log) {
    this.#log = log;
  }

  start(): void {
    this.#stopListening = listen(SCHEDULE_CHANNEL, () => this.look());
    this.look();
  }

  /** Ends when the look that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Something may be due. */
  look(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#run().finally(() => {
      this.#looking = null;
      if (this.#again) this.look();
    });
  }

  async #run(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    let sleep = RETRY_MS;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        while (!this.#stopped && (await fireDueSchedules(this.#batch)) > 0);
        while (!this.#stopped && (await startWaitingFires(BATCH)) > 0);
        this.#batch = BATCH;
      }
      const until = await untilNextDue();
      sleep = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(until ?? LONGEST_SLEEP_MS)));
    } catch (error) {
      await this.#onFailure(error);
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.look(), sleep);
  }

  /** One schedule must not hold up the others: what fails in company is tried alone, what fails alone waits. */
  async #onFailure(error: unknown): Promise<void> {
    this.#log.warn('Schedules cannot be acted on; trying again', { error });
    if (this.#batch === 1) await postpone(1, POSTPONE_MS).catch(() => {});
    this.#batch = 1;
  }
}
