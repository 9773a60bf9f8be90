import { SHORT_STEP_MS } from '#lib/engine/journal-row.ts';
import type { Attempt } from './attempt.ts';

/**
 * Tells when an attempt has lasted so long that its start gets a row of its own. All wait the same time, so a queue in
 * the order of their starts and one timer do: a timer for each of tens of thousands of short steps a second would cost more
 * than the steps.
 */
export class LongSteps {
  #queue: { attempt: Attempt; due: number; onLong: () => void }[] = [];
  #head = 0;
  #timer: NodeJS.Timeout | null = null;

  watch(attempt: Attempt, onLong: () => void): void {
    this.#queue.push({ attempt, due: performance.now() + SHORT_STEP_MS, onLong });
    this.#timer ??= setTimeout(() => this.#look(), SHORT_STEP_MS);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#queue = [];
    this.#head = 0;
  }

  #look(): void {
    this.#timer = null;
    const now = performance.now();
    let next = this.#queue[this.#head];
    while (next !== undefined && (next.attempt.over || next.due <= now)) {
      if (!next.attempt.over) next.onLong();
      next = this.#queue[++this.#head];
    }
    if (this.#head > 1024 || next === undefined) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (next !== undefined) this.#timer = setTimeout(() => this.#look(), Math.max(10, next.due - now));
  }
}
