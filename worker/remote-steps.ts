import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '#lib/base/log.ts';
import { Batcher } from '#lib/db/batcher.ts';
import {
  type ClaimedStep,
  claimOffers,
  freeRemote,
  giveBackOffers,
  type NewReport,
  postReports,
  standingOffers,
} from '#lib/db/remote-steps.ts';
import type { WorkerLease } from '#lib/db/workers.ts';
import { placeOf } from '#lib/engine/scope.ts';
import { type FoldedRun, FoldedRuns } from './folded-runs.ts';
import type { PreparedSteps } from './prepared-step.ts';
import { RemoteStep } from './remote-step.ts';
import type { Slots } from './slots.ts';

export interface RemoteOptions {
  readonly workerId: string;
  readonly queues: readonly string[];
  /** The version of the engine that it speaks. */
  readonly engine: number;
  readonly steps: PreparedSteps;
  readonly slots: Slots;
  readonly lease: Pick<WorkerLease, 'whenHeld'>;
  readonly mockUrl: string;
  readonly fetch: typeof fetch;
  readonly log: Log;
}

/** Offers of one claim, and reports of one statement. */
const MAX_CLAIM = 200;
const MAX_REPORTS = 500;
const RETRY_MS = 200;

/**
 * The steps that a worker executes for runs of others: claims them while it has slots, executes them, and stops those whose
 * offer was withdrawn. Hints say when to look; the sweep looks for what no hint told of.
 */
export class RemoteSteps {
  readonly #options: RemoteOptions;
  readonly #runs: FoldedRuns;
  readonly #reports: Batcher<NewReport, boolean>;
  readonly #steps = new Map<string, RemoteStep>();
  #wanted = false;
  #running = false;
  #checking = false;
  #stopped = false;
  /** Nothing may be reported any more. */
  #closed = false;
  #onEmpty: (() => void) | null = null;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#runs = new FoldedRuns(options.steps.catalog, options.mockUrl);
    this.#reports = new Batcher<NewReport, boolean>((reports) => postReports(options.workerId, reports), MAX_REPORTS);
  }

  get size(): number {
    return this.#steps.size;
  }

  /** There may be offers. */
  hint(): void {
    this.#wanted = true;
    this.go();
  }

  /** A slot came free. */
  go(): void {
    if (this.#running || this.#stopped || !this.#wanted || this.#options.slots.free === 0) return;
    this.#running = true;
    void this.#loop().finally(() => {
      this.#running = false;
      this.go();
    });
  }

  /** An offer of this run (of any: null) may have been withdrawn. */
  check(runUuid: string | null): void {
    if (this.#checking || this.#steps.size === 0) return;
    if (runUuid !== null && ![...this.#steps.values()].some((step) => step.offer.runId === runUuid)) return;
    this.#checking = true;
    void this.#check()
      .catch((error) => this.#options.log.debug('Offers cannot be checked; the sweep does it', { error }))
      .finally(() => {
        this.#checking = false;
      });
  }

  /** Frees what dead workers left, looks for withdrawn offers, and for new ones. */
  async sweep(): Promise<void> {
    if (this.#stopped) return;
    await this.#giveBackUnknown();
    this.hint();
    this.check(null);
    await freeRemote();
  }

  /** Takes nothing new; resolves when nothing is under way, or false after `millis`. */
  async drain(millis: number): Promise<boolean> {
    this.#stopped = true;
    if (this.#steps.size === 0 && !this.#running) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), millis);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Stops what is under way without a word: whoever finds this worker gone offers it again or ends it. */
  drop(): void {
    this.#stopped = true;
    this.#closed = true;
    for (const step of this.#steps.values()) step.drop();
  }

  /** What was claimed without anybody here knowing it: an answer was lost, or a run could not be read. */
  async #giveBackUnknown(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      await giveBackOffers(this.#options.workerId, [...this.#steps.keys()]);
    } finally {
      this.#running = false;
      this.#tellEmpty();
    }
  }

  async #loop(): Promise<void> {
    const { slots, workerId, queues, engine, log } = this.#options;
    while (this.#wanted && !this.#stopped && slots.free > 0) {
      this.#wanted = false;
      const limit = Math.min(slots.free, MAX_CLAIM);
      // Taken before the answer comes, as for runs.
      slots.take(limit);
      let unused = limit;
      try {
        const offers = await claimOffers({ workerId, queues, engine }, limit);
        slots.giveBack(unused - offers.length);
        unused = offers.length;
        const begun = await this.#begin(offers);
        unused -= begun;
        if (offers.length === limit) this.#wanted = true;
      } catch (error) {
        log.warn('Steps of other runs cannot be claimed; trying again', { error });
        this.#wanted = true;
        slots.giveBack(unused);
        unused = 0;
        await pause(RETRY_MS);
        // A claim's answer was lost, or what it took could not be read.
        await giveBackOffers(workerId, [...this.#steps.keys()]).catch(() => {});
      }
      slots.giveBack(unused);
    }
    this.#tellEmpty();
  }

  /** Answers how many have begun; each gives its slot back when it has ended. */
  async #begin(offers: readonly ClaimedStep[]): Promise<number> {
    if (offers.length === 0) return 0;
    const runs = await this.#runs.read([...new Set(offers.map((one) => one.runId))]);
    let begun = 0;
    for (const offer of offers) {
      const run = runs.get(offer.runId);
      const step = run === undefined || this.#closed ? null : this.#stepOf(offer, run);
      if (step === null) continue;
      begun++;
      this.#steps.set(offer.id, step);
      void step.execute().finally(() => this.#end(offer));
    }
    return begun;
  }

  /** Null where the run has gone on without it meanwhile. */
  #stepOf(offer: ClaimedStep, run: FoldedRun): RemoteStep | null {
    if (placeOf(run.state, offer.step) === undefined) return null;
    const found = this.#options.steps.find(run.state, offer.step);
    if (found.at.remote !== offer.token || found.at.waiting?.kind !== 'remote') return null;
    const { fetch, lease } = this.#options;
    return new RemoteStep({ offer, run, found, fetch, lease, post: (report) => this.#post({ offer, report }) });
  }

  /** Tries until the database has answered. */
  async #post(report: NewReport): Promise<boolean> {
    while (!this.#closed) {
      try {
        return await this.#reports.add(report);
      } catch (error) {
        this.#options.log.warn('The owner of a run cannot be told of its step; trying again', { step: report.offer.step, error });
        await pause(RETRY_MS);
      }
    }
    return false;
  }

  #end({ id }: ClaimedStep): void {
    this.#steps.delete(id);
    this.#options.slots.giveBack();
    this.#tellEmpty();
  }

  #tellEmpty(): void {
    if (this.#stopped && this.#steps.size === 0) this.#onEmpty?.();
  }

  async #check(): Promise<void> {
    const asked = [...this.#steps.values()];
    const standing = await standingOffers(this.#options.workerId);
    for (const step of asked) {
      if (!step.reported && standing.get(step.offer.id) !== step.offer.token) step.withdraw();
    }
  }
}
