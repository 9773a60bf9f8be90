/**
 * Gathers what callers ask for while the previous batch is under way and sends it as one. With one caller at a time it
 * adds no delay; with many, the cost of a commit is shared by all that wait for it.
 */
export class Batcher<Item, Answer> {
  readonly #send: (items: Item[]) => Promise<Answer[]>;
  readonly #limit: number;
  #waiting: { item: Item; resolve: (answer: Answer) => void; reject: (reason: unknown) => void }[] = [];
  #busy = false;

  /** `send` answers in the order of its items; `limit` is the most items of one batch. */
  constructor(send: (items: Item[]) => Promise<Answer[]>, limit: number) {
    this.#send = send;
    this.#limit = limit;
  }

  /** Settles with the item's own answer. A batch that fails is tried again item by item, so one bad item fails alone. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      // After the I/O callbacks of this turn: requests that came together go together.
      setImmediate(() => void this.#drain());
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#limit);
      try {
        const answers = await this.#send(batch.map((entry) => entry.item));
        for (const [index, entry] of batch.entries()) entry.resolve(answers[index] as Answer);
      } catch (fault) {
        if (batch.length === 1) batch[0]?.reject(fault);
        else await this.#oneByOne(batch);
      }
    }
    this.#busy = false;
  }

  async #oneByOne(batch: { item: Item; resolve: (answer: Answer) => void; reject: (reason: unknown) => void }[]): Promise<void> {
    for (const entry of batch) {
      try {
        const [answer] = await this.#send([entry.item]);
        entry.resolve(answer as Answer);
      } catch (fault) {
        entry.reject(fault);
      }
    }
  }
}
