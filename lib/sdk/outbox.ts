import { reportTaskWorker, type WireReport } from '#lib/contracts/task-workers.ts';
import type { WeftlineClient } from './client.ts';
import type { NewReport } from './code-session.ts';
import { NotFoundError, WeftlineError } from './errors.ts';

interface Letter {
  /** Of the work that it is about. */
  readonly id: string;
  readonly report: NewReport;
  /** When it was said, on a clock that only goes forward. */
  readonly saidAt: number;
  readonly size: number;
  readonly resolve: (accepted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Reports of one request, and about as many characters: the server takes 5 MiB. */
const MAX_REPORTS = 500;
const MAX_SIZE = 3 * 1024 * 1024;
/** Milliseconds between attempts to reach the server. */
const RETRY_MS = 250;

/**
 * What a task worker has to say, in order: one request at a time, which takes along all that has gathered meanwhile. Tried
 * until the server has answered: a report that comes twice says nothing new.
 */
export class Outbox {
  readonly #client: WeftlineClient;
  readonly #onPausing: (id: string) => void;
  readonly #letters: Letter[] = [];
  #workerId: string | null = null;
  #sending = false;

  /** `onPausing` is told of work whose run is being paused, before what was said of it counts as sent. */
  constructor(client: WeftlineClient, onPausing: (id: string) => void) {
    this.#client = client;
    this.#onPausing = onPausing;
  }

  /** Speaks as this worker from here on; what is unsent of another one is void. */
  open(workerId: string): void {
    this.#workerId = workerId;
  }

  /** Nobody listens to this worker any more. */
  close(): void {
    this.#workerId = null;
    for (const letter of this.#letters.splice(0)) letter.resolve(false);
  }

  /** Resolves to whether the work is still this worker's, when the report is durable. Rejects what the server refuses. */
  add(id: string, report: NewReport): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#letters.push({ id, report, saidAt: performance.now(), size: JSON.stringify(report).length, resolve, reject });
      if (!this.#sending) void this.#send();
    });
  }

  async #send(): Promise<void> {
    this.#sending = true;
    // What is said in the same turn goes along.
    await Promise.resolve();
    while (this.#letters.length > 0) {
      const batch = this.#take();
      if (batch.length > 0) await this.#deliver(batch);
    }
    this.#sending = false;
  }

  #take(): Letter[] {
    let size = 0;
    let count = 0;
    for (const letter of this.#letters) {
      if (count > 0 && (count === MAX_REPORTS || size + letter.size > MAX_SIZE)) break;
      size += letter.size;
      count++;
    }
    return this.#letters.splice(0, count);
  }

  async #deliver(batch: readonly Letter[]): Promise<void> {
    for (;;) {
      const accepted = this.#workerId === null ? [] : await this.#try(batch, this.#workerId);
      if (accepted !== null) {
        for (const [place, letter] of batch.entries()) letter.resolve(accepted[place] === true);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Null: the server could not be reached. */
  async #try(batch: readonly Letter[], workerId: string): Promise<readonly boolean[] | null> {
    const now = performance.now();
    const reports = batch.map(({ id, report, saidAt }) => ({ id, report: { ...report, ago_ms: Math.max(0, now - saidAt) } as WireReport }));
    try {
      const answer = await this.#client.call(reportTaskWorker, { params: { id: workerId }, body: { reports } });
      for (const id of answer.pausing) this.#onPausing(id);
      return answer.accepted;
    } catch (thrown) {
      if (thrown instanceof NotFoundError) return [];
      if (!isRefused(thrown)) return null;
      if (batch.length === 1) batch[0]?.reject(thrown);
      else await this.#oneByOne(batch);
      return [];
    }
  }

  /** One of them is refused; the others are not to suffer for it. */
  async #oneByOne(batch: readonly Letter[]): Promise<void> {
    for (const letter of batch) await this.#deliver([letter]);
  }
}

/** True for what no second attempt can help. */
function isRefused(thrown: unknown): boolean {
  return thrown instanceof WeftlineError && thrown.status >= 400 && thrown.status < 500 && thrown.status !== 429 && thrown.status !== 408;
}
