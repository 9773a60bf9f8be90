import { isProgress } from '#lib/db/crashes.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { type JournalRow, type ShortStart, toRow } from '#lib/engine/journal-row.ts';

/**
 * The end of a run's journal as its owner has it: which numbers are given, which are durable, what waits to be written,
 * and what may begin only when that is done.
 *
 *     … durable │ sent │ rows                    `decisive`: the last number that a side effect has to wait for
 */
export class RunRows {
  #seq: number;
  #durable: number;
  #decisive: number;
  #rows: JournalRow[] = [];
  #unwritten: { readonly after: number; readonly go: () => void }[] = [];
  #held: { readonly after: number; readonly go: () => void }[] = [];
  #onProgress: (() => void) | null;

  /** `onProgress` is called once, when a row is durable that got the run on. */
  constructor(lastSeq: number, onProgress: (() => void) | null) {
    this.#onProgress = onProgress;
    this.#seq = lastSeq;
    this.#durable = lastSeq;
    this.#decisive = lastSeq;
  }

  /** The last number that is durable. */
  get durable(): number {
    return this.#durable;
  }

  get empty(): boolean {
    return this.#rows.length === 0;
  }

  get holding(): boolean {
    return this.#held.length > 0;
  }

  /** Gives an event its number. With `start`, it is the end of a step whose start has no row of its own: two numbers. */
  keep(event: NewRunEvent, start: ShortStart | null): void {
    this.#seq += start === null ? 1 : 2;
    this.#rows.push(toRow(event, this.#seq, start));
    // The bare start of the run decides nothing: the first steps need not wait for it.
    if (event.type !== 'run_started') this.#decisive = this.#seq;
  }

  /** Calls `go` when everything kept so far is durable, at once where it is. */
  afterDurable(go: () => void): void {
    if (this.#durable >= this.#decisive) go();
    else this.#held.push({ after: this.#decisive, go });
  }

  /** As `afterDurable`, for what has to be done even when nothing more may begin. */
  whenWritten(go: () => void): void {
    if (this.#durable >= this.#seq) go();
    else this.#unwritten.push({ after: this.#seq, go });
  }

  /** What is to be written now. */
  take(): JournalRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  /** These rows are durable. `begin` does what waited for them. */
  wrote(rows: readonly JournalRow[]): void {
    this.#durable = rows.at(-1)?.seq ?? this.#durable;
    if (this.#onProgress !== null && isProgress(rows)) {
      this.#onProgress();
      this.#onProgress = null;
    }
    if (this.#unwritten.length === 0) return;
    const written = this.#unwritten.filter((one) => one.after <= this.#durable);
    this.#unwritten = this.#unwritten.filter((one) => one.after > this.#durable);
    for (const one of written) one.go();
  }

  /** Begins what may begin; `stopped` is asked before each. */
  begin(stopped: () => boolean): void {
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = held.filter((one) => one.after > this.#durable);
    for (const one of held) if (one.after <= this.#durable && !stopped()) one.go();
  }

  /** Forgets what waits to begin. */
  forgetHeld(): void {
    this.#held = [];
  }

  /** Forgets everything that is not durable: it could not be written, so it has not happened. */
  rollBack(): void {
    this.#rows = [];
    this.#held = [];
    this.#unwritten = [];
    this.#seq = this.#durable;
    this.#decisive = this.#durable;
  }
}
