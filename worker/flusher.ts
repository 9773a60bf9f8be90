import { errorMessage } from '#lib/base/errors.ts';
import type { Log } from '#lib/base/log.ts';
import { type Appended, append, type RunAppend } from '#lib/db/journal.ts';
import { notifyRuns } from '#lib/db/notify.ts';

/** A run whose rows are to be written. */
export interface Flushable {
  /** What there is to write now; null for nothing. Not asked again before `acknowledge`. */
  collect(): RunAppend | null;
  /** `answer` undefined: the run is lost. */
  acknowledge(answer: Appended | undefined): void;
  /** The database refuses this run's rows, and no others. */
  refuse(reason: string): void;
}

/** Runs of one statement. */
const MAX_RUNS = 2000;
/**
 * Statements under way at the same time, each with other runs: while one waits for the disk, the next is prepared. With two
 * lanes half of two cores stood idle (6,500 three-step runs/s; four: up to 9,900; eight: smaller batches, no gain).
 */
const LANES = 4;
const RETRY_MS = [20, 100, 500, 1000] as const;

/**
 * The group commit: one statement for all runs that have something to write, sent as soon as a lane is free. Nobody waits
 * for a timer; what gathers while a statement is under way goes with the next.
 */
export class Flusher {
  readonly workerId: string;
  readonly #log: Log;
  readonly #lanes: number;
  #dirty = new Set<Flushable>();
  readonly #sending = new Set<Flushable>();
  #busy = 0;
  #scheduled = false;
  #stopped = false;

  constructor(workerId: string, log: Log, lanes: number = LANES) {
    this.workerId = workerId;
    this.#log = log;
    this.#lanes = lanes;
  }

  get idle(): boolean {
    return this.#dirty.size === 0 && this.#busy === 0;
  }

  add(run: Flushable): void {
    this.#dirty.add(run);
    this.#schedule();
  }

  /** Nothing is sent from now on. */
  stop(): void {
    this.#stopped = true;
    this.#dirty.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#busy >= this.#lanes || this.#stopped) return;
    this.#scheduled = true;
    // Behind the I/O callbacks of this turn: steps that end together are written together.
    setImmediate(() => {
      this.#scheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const runs: Flushable[] = [];
    const appends: RunAppend[] = [];
    for (const run of this.#dirty) {
      if (this.#sending.has(run)) continue;
      this.#dirty.delete(run);
      const one = run.collect();
      if (one === null) continue;
      runs.push(run);
      appends.push(one);
      if (runs.length === MAX_RUNS) break;
    }
    if (runs.length === 0) return;
    for (const run of runs) this.#sending.add(run);
    this.#busy++;
    if (this.#dirty.size > 0) this.#schedule();
    try {
      const answer = await this.#send(runs, appends);
      for (const run of runs) this.#sending.delete(run);
      if (!this.#stopped && answer !== null) {
        notifyRuns(appends.filter((one) => one.rows.length > 0).map((one) => one.runId));
        for (const [index, run] of runs.entries()) run.acknowledge(answer.get(appends[index]?.runId ?? ''));
      }
    } finally {
      this.#busy--;
      if (this.#dirty.size > 0) this.#schedule();
    }
  }

  /** Tries until the database has answered. Null: stopped meanwhile, or the rows were refused and every run told so. */
  async #send(runs: Flushable[], appends: RunAppend[]): Promise<Map<string, Appended> | null> {
    for (let failures = 0; !this.#stopped; failures++) {
      try {
        return await append(this.workerId, appends, failures > 0);
      } catch (error) {
        if (isRefusal(error)) return this.#sendApart(runs, appends, error);
        if (failures === 0 || failures % 20 === 0) this.#log.warn('The journal cannot be written; trying again', { error });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
      }
    }
    return null;
  }

  /** One run's rows are refused: the others must not suffer. */
  async #sendApart(runs: Flushable[], appends: RunAppend[], reason: unknown): Promise<Map<string, Appended> | null> {
    const [run] = runs;
    if (runs.length === 1) {
      this.#log.error('The database refuses the rows of a run', { run: appends[0]?.runId, error: reason });
      if (run) this.#sending.delete(run);
      run?.refuse(errorMessage(reason));
      return null;
    }
    const answer = new Map<string, Appended>();
    for (const [index, one] of appends.entries()) {
      const alone = await this.#send([runs[index] as Flushable], [one]);
      for (const [id, appended] of alone ?? []) answer.set(id, appended);
      // Told already that it was refused: it must not count as lost.
      if (alone === null) answer.set(one.runId, { control: 'none', held: true, mail: 0 });
    }
    return answer;
  }
}

/** Errors that another try would meet again: bad data, limits of the server, broken rules. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}
