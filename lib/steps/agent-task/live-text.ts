import type { StepContext } from '../executor.ts';

const EVERY_MS = 100;
/** Characters of live text that one step may leave in the journal; replies stand there whole anyway. */
const MOST = 64 * 1024;

export const TEXT_EVENT = 'agent.text';

/** Shows a reply while it is being written, with at most ten rows a second. */
export class LiveText {
  readonly #context: Pick<StepContext, 'emit'>;
  #turn = 0;
  #text = '';
  #left = MOST;
  #timer: NodeJS.Timeout | null = null;

  constructor(context: Pick<StepContext, 'emit'>) {
    this.#context = context;
  }

  begin(turn: number): void {
    this.end();
    this.#turn = turn;
  }

  push(text: string): void {
    this.#text += text;
    this.#timer ??= setTimeout(() => this.#show(), EVERY_MS);
  }

  /** Shows what is left. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#show();
  }

  #show(): void {
    this.#timer = null;
    const text = this.#text.slice(0, this.#left);
    this.#text = '';
    this.#left -= text.length;
    if (text !== '') this.#context.emit(TEXT_EVENT, { turn: this.#turn, text });
  }
}
