/**
 * The limit of runs that a worker drives at the same time, counted in memory. A run that only sleeps gives its slot back
 * and asks again when it wakes; those that ask come before new ones.
 */
export class Slots {
  readonly max: number;
  #used = 0;
  readonly #asking: (() => void)[] = [];
  readonly #onFree: () => void;

  /** `onFree` is called when a slot came free that nobody asked for. */
  constructor(max: number, onFree: () => void) {
    this.max = max;
    this.#onFree = onFree;
  }

  get free(): number {
    return Math.max(0, this.max - this.#used - this.#asking.length);
  }

  get used(): number {
    return this.#used;
  }

  /** Takes slots for what is about to be claimed; the caller has looked at `free`, and gives back what it did not get. */
  take(count: number): void {
    this.#used += count;
  }

  /** Calls `go`, at once or when a slot comes free, with the slot taken. */
  ask(go: () => void): void {
    if (this.#used < this.max) {
      this.#used++;
      go();
    } else {
      this.#asking.push(go);
    }
  }

  /** Takes back a wish that has not been met. True where it was found. */
  forget(go: () => void): boolean {
    const index = this.#asking.indexOf(go);
    if (index < 0) return false;
    this.#asking.splice(index, 1);
    return true;
  }

  giveBack(count = 1): void {
    let free = count;
    for (let next = free > 0 ? this.#asking.shift() : undefined; next !== undefined; next = free > 0 ? this.#asking.shift() : undefined) {
      free--;
      next();
    }
    if (free === 0) return;
    this.#used -= free;
    this.#onFree();
  }
}
