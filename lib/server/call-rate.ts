/**
 * Counts calls by key in windows of one length, in memory and for this process alone: what keeps one sender from crowding out
 * the others, not an account of use.
 */
export class CallRate {
  readonly #most: number;
  readonly #window: number;
  readonly #counts = new Map<string, number>();
  #since = 0;

  /** At most `most` calls of one key in `window` milliseconds. */
  constructor(most: number, window: number) {
    this.#most = most;
    this.#window = window;
  }

  /** Counts a call. Seconds to wait where it is one too many, else null. */
  count(key: string, now: number): number | null {
    if (now - this.#since >= this.#window) {
      this.#counts.clear();
      this.#since = now;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count > this.#most ? Math.max(1, Math.ceil((this.#since + this.#window - now) / 1000)) : null;
  }
}
