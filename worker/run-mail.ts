import { setTimeout as pause } from 'node:timers/promises';
import { Batcher } from '#lib/db/batcher.ts';
import type { ClaimedRun } from '#lib/db/claims.ts';
import { type MailPlace, readMail } from '#lib/db/mailbox.ts';
import type { Message } from '#lib/engine/message.ts';

/** Reads mail for all runs of a worker; requests that come together are one query. */
export type MailReader = Batcher<MailPlace, readonly Message[]>;

/** Runs of one query. */
const MAX_RUNS = 500;
const RETRY_MS = 200;

export function mailReader(): MailReader {
  return new Batcher<MailPlace, readonly Message[]>(async (places) => {
    // A run may ask twice at a time (a hint and an alarm); each of its messages is to come once all the same.
    const first = new Map<string, MailPlace>();
    for (const one of places) if (one.after < (first.get(one.runId)?.after ?? Infinity)) first.set(one.runId, one);
    const byRun = await readMail([...first.values()]);
    return places.map((one) => (byRun.get(one.runId) ?? []).filter((message) => message.place > one.after));
  }, MAX_RUNS);
}

/**
 * How far the owner of a run has read its mail.
 *
 *     posted ─▶ read (its events are recorded) ─▶ sent with their rows ─▶ removed
 */
export class RunMail {
  readonly #reader: MailReader;
  readonly #runId: string;
  readonly #deliver: (messages: readonly Message[]) => void;
  #claimed: readonly Message[];
  #place: number;
  #removed: number;
  /** Place of the newest message that anybody has told of. */
  #told: number;
  #reads = 0;
  #closed = false;

  /** What lay there at the claim is the owner's to `open` before it asks the engine anything. */
  constructor(
    reader: MailReader,
    { id, mail, messages }: Pick<ClaimedRun, 'id' | 'mail' | 'messages'>,
    deliver: (messages: readonly Message[]) => void,
  ) {
    this.#reader = reader;
    this.#runId = id;
    this.#deliver = deliver;
    this.#claimed = messages;
    this.#told = Math.max(mail, messages.at(-1)?.place ?? 0);
    this.#place = messages[0] === undefined ? this.#told : messages[0].place - 1;
    this.#removed = this.#place;
  }

  /** What lay there at the claim, once. */
  open(): readonly Message[] {
    const messages = this.#claimed;
    this.#claimed = [];
    this.#place = Math.max(this.#place, messages.at(-1)?.place ?? 0);
    return messages;
  }

  get reading(): boolean {
    return this.#reads > 0;
  }

  /** True where messages have become events and stand in the inbox still. */
  get unremoved(): boolean {
    return this.#place > this.#removed;
  }

  /** What the next append says of the mail. */
  taken(): { mail: number; removesMail: boolean } {
    return { mail: this.#place, removesMail: this.unremoved };
  }

  /** An append is durable that said so. */
  removed(upTo: number): void {
    this.#removed = Math.max(this.#removed, upTo);
  }

  /** There are messages up to that place. */
  read(upTo: number): void {
    this.#told = Math.max(this.#told, upTo);
    if (this.#told > this.#place && this.#reads === 0) void this.#read();
  }

  /** Reads whatever has come, whether or not anybody told of it; delivers even nothing. */
  look(): void {
    void this.#read();
  }

  close(): void {
    this.#closed = true;
  }

  async #read(): Promise<void> {
    this.#reads++;
    while (!this.#closed) {
      try {
        // All that was told of before the question is in the answer.
        const told = this.#told;
        const messages = await this.#reader.add({ runId: this.#runId, after: this.#place });
        this.#reads--;
        if (this.#closed) return;
        // Another read of the same moment may have delivered some.
        const fresh = messages.filter((message) => message.place > this.#place);
        this.#place = Math.max(this.#place, told, fresh.at(-1)?.place ?? 0);
        this.read(this.#place);
        this.#deliver(fresh);
        return;
      } catch {
        await pause(RETRY_MS);
      }
    }
  }
}
