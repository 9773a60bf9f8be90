import { cleanText } from '../clean-json.ts';

/** Characters of one line of log; longer ones go on in the next. */
const MAX_LINE = 4_000;

/** Makes lines of the bytes of a log, as they come. Bytes that are no UTF-8 become U+FFFD. */
export class LineReader {
  readonly #decoder = new TextDecoder();
  readonly #take: (line: string) => void;
  #rest = '';

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    this.#read(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Gives what is left without a line break. */
  end(): void {
    this.#read(this.#decoder.decode());
    if (this.#rest !== '') this.#take(cleanText(this.#rest));
    this.#rest = '';
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#give(line);
    while (this.#rest.length > MAX_LINE) {
      this.#take(cleanText(this.#rest.slice(0, MAX_LINE)));
      this.#rest = this.#rest.slice(MAX_LINE);
    }
  }

  #give(line: string): void {
    for (let at = 0; at === 0 || at < line.length; at += MAX_LINE) this.#take(cleanText(line.slice(at, at + MAX_LINE)));
  }
}
