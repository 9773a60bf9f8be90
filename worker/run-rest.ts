import type { Slots } from './slots.ts';

/**
 * Whether a driven run holds one of the worker's slots, and when it is to be looked at again. A run that only waits gives
 * its slot back and asks for one when it wakes.
 *
 *     awake ─sleep─▶ asleep ─wake─▶ asking ─(a slot is free)─▶ awake
 */
export class RunRest {
  readonly #slots: Slots;
  readonly #onAwake: () => void;
  #awake = true;
  #timer: NodeJS.Timeout | null = null;
  readonly #go = () => {
    this.#awake = true;
    this.#onAwake();
  };

  /** The run was claimed with a slot. `onAwake` is called each time it has one again. */
  constructor(slots: Slots, onAwake: () => void) {
    this.#slots = slots;
    this.#onAwake = onAwake;
  }

  get awake(): boolean {
    return this.#awake;
  }

  sleep(): void {
    if (!this.#awake) return;
    this.#awake = false;
    this.#slots.giveBack();
  }

  /** Goes on, with a slot. */
  wake(): void {
    if (this.#awake) {
      this.#onAwake();
      return;
    }
    this.#slots.forget(this.#go);
    this.#slots.ask(this.#go);
  }

  /** Takes back the wish for a slot. */
  stay(): void {
    if (!this.#awake) this.#slots.forget(this.#go);
  }

  /** Calls `onTimer` at that time in place of any other, or never. */
  alarm(at: number | null, onTimer: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = at === null ? null : setTimeout(onTimer, Math.min(Math.max(0, at - Date.now()), 2 ** 31 - 1));
  }

  /** Gives back whatever it holds, for good. */
  end(): void {
    this.alarm(null, () => {});
    this.stay();
    this.sleep();
  }
}
