import { hostname } from 'node:os';
import { isDatabaseAway } from '#lib/base/database-away.ts';
import { createLog, type Log } from '#lib/base/log.ts';
import type { ClaimedRun } from '#lib/db/claims.ts';
import { MAX_CRASHES } from '#lib/db/crashes.ts';
import { loadedGraph, loadGraph } from '#lib/db/definitions.ts';
import { freeRemote } from '#lib/db/remote-steps.ts';
import { leaseMs, WorkerLease } from '#lib/db/workers.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { sendCallbacks } from './callback-loop.ts';
import { ClaimLoop } from './claim-loop.ts';
import { RunDriver } from './execute-run.ts';
import { Flusher } from './flusher.ts';
import { keepAlive } from './keep-alive.ts';
import { keepFamilies, keepLimits } from './keep-limits.ts';
import { LongSteps } from './long-steps.ts';
import { type Executors, PreparedSteps } from './prepared-step.ts';
import { RemoteSteps } from './remote-steps.ts';
import { mailReader } from './run-mail.ts';
import type { Runtime } from './runtime.ts';
import { ScheduleLoop } from './schedule-loop.ts';
import { Slots } from './slots.ts';
import { Suspects } from './suspects.ts';
import { failUnread } from './unread-run.ts';
import { type StartJobs, Wakers } from './wakers.ts';
import { Wishes } from './wishes.ts';

export interface WorkerOptions {
  readonly catalog: StepCatalog;
  readonly executors: Executors;
  /** Runs driven at the same time. */
  readonly slots: number;
  readonly queues: readonly string[];
  readonly mockUrl: string;
  readonly fetch: typeof fetch;
  /** Flushes under way at the same time. */
  readonly lanes?: number;
  /** The version of the engine that it speaks. */
  readonly engine?: number;
  /** The instance's key, from which what signs callbacks is derived. Without it this worker sends none. */
  readonly instanceKey?: string | undefined;
  /** Called once when the worker was declared dead by another; the process must end. */
  readonly onFenced?: () => void;
  /** What it holds its lock with and gets its jobs by, where that is not a connection to PostgreSQL of its own. */
  readonly lease?: WorkerLease;
  readonly startJobs?: StartJobs;
  readonly log?: Log;
}

/** A definition that cannot be read is tried again, because the reason may be the database; milliseconds between. */
const DEFINITION_RETRIES = 10;
const DEFINITION_RETRY_MS = 300;

/**
 * A worker: claims runs, drives them, and leaves in good order.
 *
 *     starting ─▶ alive ─▶ draining ─▶ stopped
 *                   └────▶ fenced                 (declared dead: every run is dropped, nothing more is written)
 */
export class RunWorker {
  readonly id: string;
  readonly #options: WorkerOptions;
  readonly #lease: WorkerLease;
  readonly #log: Log;
  readonly #runs = new Map<string, RunDriver>();
  /** Claimed, and waiting for their definition. */
  readonly #loading = new Set<string>();
  readonly #runtime: Runtime;
  readonly #claims: ClaimLoop;
  readonly #wakers: Wakers;
  readonly #schedules: ScheduleLoop;
  readonly #remote: RemoteSteps;
  readonly #wishes: Wishes;
  readonly #suspects = new Suspects(leaseMs());
  #stopPulse: () => void = () => {};
  #stopCallbacks: () => Promise<void> = async () => {};
  #stopping: Promise<void> | null = null;
  #fenced = false;
  #onEmpty: (() => void) | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#lease = options.lease ?? new WorkerLease();
    this.id = this.#lease.id;
    this.#wishes = new Wishes(this.id, this.#runs);
    this.#log = (options.log ?? createLog({ part: 'worker' })).with({ worker: this.id });
    const { queues, mockUrl, engine = ENGINE_VERSION } = options;
    const slots = new Slots(options.slots, () => {
      // Steps of runs that are under way come before new runs.
      this.#remote.go();
      this.#claims.go();
    });
    this.#runtime = {
      steps: new PreparedSteps(options.catalog, options.executors, queues),
      mockUrl,
      fetch: options.fetch,
      flusher: new Flusher(this.id, this.#log, options.lanes),
      longSteps: new LongSteps(),
      slots,
      lease: this.#lease,
      mail: mailReader(),
      log: this.#log,
      onProgress: (runId) => this.#clear(runId),
      onEnd: (runId) => {
        this.#runs.delete(runId);
        this.#clear(runId);
        if (this.#runs.size === 0) this.#onEmpty?.();
      },
    };
    this.#claims = new ClaimLoop({
      claimer: () => ({ workerId: this.id, queues, engine, takesSuspect: this.#suspects.room }),
      slots,
      log: this.#log,
      held: () => [...this.#runs.keys(), ...this.#loading],
      begin: (runs) => this.#begin(runs),
    });
    const { steps } = this.#runtime;
    const lease = this.#lease;
    this.#remote = new RemoteSteps({
      workerId: this.id,
      queues,
      engine,
      steps,
      slots,
      lease,
      mockUrl,
      fetch: options.fetch,
      log: this.#log,
    });
    const onControl = (uuid: string | null): void => {
      this.#remote.check(uuid);
      this.#wishes.hint(uuid);
    };
    this.#wakers = new Wakers({ onQueue: (kind) => this.#onQueue(kind), onControl }, options.startJobs);
    this.#schedules = new ScheduleLoop(this.#log);
  }

  /** Runs in memory, those that sleep included. */
  get size(): number {
    return this.#runs.size;
  }

  /** Registers and begins to work. */
  async start(): Promise<void> {
    const { queues, slots, engine = ENGINE_VERSION } = this.#options;
    await this.#lease.register({ name: `${hostname()}:${process.pid}`, queues, slots, engine, poolId: null });
    await this.#wakers.start();
    if (this.#wakers.poolId !== null) await this.#lease.setPoolId(this.#wakers.poolId);
    this.#stopPulse = keepAlive({
      lease: this.#lease,
      log: this.#log,
      onFenced: () => this.#onFenced(),
      onReaped: () => this.#claims.hint('both'),
      onSweep: async () => {
        this.#claims.hint('both');
        await Promise.all([this.#wishes.sweep(), this.#remote.sweep()]);
      },
      onLimits: async () => {
        await keepLimits(this.#options.catalog, this.#log);
        await keepFamilies(this.#options.catalog);
      },
    });
    this.#startCallbacks();
    this.#log.info('Worker started', { slots, queues });
    this.#onQueue('both');
    this.#schedules.start();
  }

  /**
   * Stops in good order: nothing new begins, what is in flight may end within `grace` milliseconds, then it is aborted;
   * everything is written and given back, so that another worker goes on at once.
   */
  stop(grace: number): Promise<void> {
    this.#stopping ??= this.#stop(grace);
    return this.#stopping;
  }

  async #stop(grace: number): Promise<void> {
    this.#log.info('Worker stops', { runs: this.#runs.size });
    this.#claims.stop();
    await Promise.all([this.#wakers.stop(), this.#schedules.stop()]);
    for (const run of [...this.#runs.values()]) run.drain();
    const [, executed] = await Promise.all([this.#emptied(grace), this.#remote.drain(grace)]);
    this.#remote.drop();
    this.#stopPulse();
    await this.#stopCallbacks();
    this.#runtime.longSteps.close();
    this.#runtime.flusher.stop();
    if (!this.#fenced) {
      // With what would not end in time; the fence refuses whatever it still reports.
      await this.#lease.end();
      // Seen as gone at once, not at the next sweep of another worker.
      if (!executed) await freeRemote();
    }
    this.#log.info('Worker stopped', { left: this.#runs.size });
  }

  #startCallbacks(): void {
    const { catalog, instanceKey, fetch } = this.#options;
    if (instanceKey === undefined) return;
    this.#stopCallbacks = sendCallbacks({ catalog, instanceKey, fetch, now: Date.now }, this.#log);
  }

  /** Lets the runs end what is in flight, and after `grace` milliseconds aborts it. */
  async #emptied(grace: number): Promise<void> {
    if (await this.#empty(grace)) return;
    for (const run of [...this.#runs.values()]) run.abandon();
    await this.#empty(2000);
  }

  /** True when no run is left, false after `millis`. */
  #empty(millis: number): Promise<boolean> {
    if (this.#runs.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), millis);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  #clear(runId: string): void {
    if (this.#suspects.clear(runId)) this.#claims.hint('returned');
  }

  #begin(claims: ClaimedRun[]): void {
    for (const claim of claims) {
      this.#suspects.see(claim);
      const graph = loadedGraph(claim.definitionHash, this.#options.catalog);
      if (graph !== null) {
        this.#drive(new RunDriver(this.#runtime, claim, graph));
        continue;
      }
      this.#loading.add(claim.id);
      void this.#load(claim, 0);
    }
  }

  async #load(claim: ClaimedRun, failures: number): Promise<void> {
    try {
      const graph = await loadGraph(claim.definitionHash, this.#options.catalog);
      this.#loading.delete(claim.id);
      this.#drive(new RunDriver(this.#runtime, claim, graph));
    } catch (error) {
      // While the database is away nothing is known about this run; only what it answered counts.
      if (failures < DEFINITION_RETRIES) {
        setTimeout(() => void this.#load(claim, failures + (isDatabaseAway(error) ? 0 : 1)), DEFINITION_RETRY_MS);
        return;
      }
      this.#log.error('A run cannot be driven: its definition cannot be read', { run: claim.id, error });
      await failUnread(this.id, claim).catch(() => {});
      this.#loading.delete(claim.id);
      this.#runtime.slots.giveBack();
    }
  }

  #drive(run: RunDriver): void {
    const { claim } = run;
    if (this.#fenced) return;
    this.#runs.get(claim.id)?.lose();
    this.#runs.set(claim.id, run);
    if (this.#stopping !== null) {
      run.drain();
    } else if (claim.crashes >= MAX_CRASHES) {
      this.#log.error('A run is given up: it ended its worker again and again', { run: claim.id, crashes: claim.crashes });
      run.giveUp('RUN_POISONED', `Its worker died ${claim.crashes} times while driving this run, without any progress in between`);
    } else {
      try {
        run.start();
      } catch (error) {
        this.#log.error('A run cannot be driven', { run: claim.id, error });
        run.giveUp('INTERNAL_ERROR', 'The engine could not go on with this run');
      }
    }
    this.#wishes.begin(claim.id);
  }

  #onQueue(kind: 'queued' | 'returned' | 'both' | 'remote'): void {
    if (kind !== 'remote') this.#claims.hint(kind);
    if (kind === 'remote' || kind === 'both') this.#remote.hint();
  }

  #onFenced(): void {
    if (this.#fenced) return;
    this.#fenced = true;
    this.#log.error('This worker was declared dead by another one; it stops at once');
    this.#claims.stop();
    void this.#schedules.stop();
    this.#runtime.flusher.stop();
    this.#stopPulse();
    this.#remote.drop();
    for (const run of [...this.#runs.values()]) run.lose();
    this.#options.onFenced?.();
  }
}
