/** Those that look by themselves do so at full tenths of a second, so that one statement does for many. */
const TOGETHER_MS = 100;

/** Waits for a hint, a time or the end, whichever is first. A hint that came since the last wait counts. */
export class Hints {
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.tell();
  #told = false;
  #wake: (() => void) | null = null;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
  }

  tell(): void {
    this.#told = true;
    this.#wake?.();
  }

  async wait(millis: number): Promise<void> {
    if (!this.#told && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, millis + TOGETHER_MS - ((Date.now() + millis) % TOGETHER_MS));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#told = false;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
