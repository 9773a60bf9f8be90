import { errorMessage } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { ClaimedStep } from '#lib/db/remote-steps.ts';
import type { WorkerLease } from '#lib/db/workers.ts';
import type { RemoteOutcome, RemoteReport } from '#lib/engine/remote.ts';
import type { StepContext, StepOutcome } from '#lib/steps/executor.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { FoldedRun } from './folded-runs.ts';
import { type FoundStep, type ResolvedConfig, resolveConfig, resolveSecretConfig } from './prepared-step.ts';
import { CANCEL_GRACE_MS } from './runtime.ts';
import { failure, withinLimit } from './step-outcome.ts';
import { configScope, executorScope } from './step-scope.ts';

export interface RemoteStepOptions {
  readonly offer: ClaimedStep;
  readonly run: FoldedRun;
  readonly found: FoundStep;
  readonly fetch: typeof fetch;
  readonly lease: Pick<WorkerLease, 'whenHeld'>;
  /** Tells the run's owner; tried until the database has answered. False: the offer was withdrawn. */
  readonly post: (report: RemoteReport) => Promise<boolean>;
}

/**
 * A step that this worker executes for a run which is another's: config and secrets are resolved here, from the run's
 * journal, and what comes of it is reported to the owner, who makes the same events of it as of a step of its own.
 *
 *     claimed ─▶ resolved ─▶ started (durable) ─▶ executing ─▶ ended, reported
 *        └──────────┴────────────┴──────────────────┴──────▶ withdrawn or dropped: nothing more is said
 */
export class RemoteStep implements AttemptOwner {
  readonly offer: ClaimedStep;
  readonly #options: RemoteStepOptions;
  readonly #attempt: Attempt;
  readonly #over = Promise.withResolvers<null>();
  /** Reports go one after another. */
  #sent: Promise<boolean> = Promise.resolve(true);
  #reported = false;

  constructor(options: RemoteStepOptions) {
    const { offer, found } = options;
    this.offer = offer;
    this.#options = options;
    const { execution } = found.at;
    const start = { place: found.scope, stepKey: offer.step, attempt: offer.attempt, execution, startedAt: Date.now() };
    this.#attempt = new Attempt(this, found.prepared, start);
  }

  /** The end was reported, or is about to be: the offer need not stand any more. */
  get reported(): boolean {
    return this.#reported;
  }

  get ids(): AttemptOwner['ids'] {
    return this.#options.run.ids;
  }

  get fetch(): typeof fetch {
    return this.#options.fetch;
  }

  scopeFor({ prepared, place }: Attempt): StepContext['scope'] {
    return executorScope(place, prepared, this.#options.run.facts);
  }

  onLog(_: Attempt, lines: string[]): void {
    this.#report({ kind: 'log', lines, at: Date.now() });
  }

  onProgress(_: Attempt, progress: number): void {
    this.#report({ kind: 'progress', progress, at: Date.now() });
  }

  onEmit(_: Attempt, name: string, data: Json): void {
    this.#report({ kind: 'emitted', name, data, at: Date.now() });
  }

  whenKept(done: () => void): void {
    void this.#sent.then((stands) => stands && done());
  }

  /** Executes it and reports. Resolves when nothing of it is under way any more. */
  async execute(): Promise<void> {
    const attempt = this.#attempt;
    const resolved = await this.#resolve();
    attempt.input = resolved.input;
    if (attempt.over || attempt.cancelled) return attempt.drop();
    const { input, startedAt: at } = attempt;
    if (!(await this.#report({ kind: 'started', at, ...(input === undefined ? {} : { input }) }))) return attempt.drop();
    await Promise.race([new Promise<void>((go) => this.#options.lease.whenHeld(go)), this.#over.promise]);
    if (attempt.over || attempt.cancelled) return attempt.drop();
    const outcome =
      'error' in resolved
        ? ({ kind: 'failed', error: resolved.error, retryable: false } as const)
        : await Promise.race([this.#perform(resolved.config), this.#over.promise]);
    if (outcome === null || attempt.over || attempt.cancelled) return attempt.drop();
    const ended = withinLimit(attempt.masked(outcome));
    attempt.close();
    this.#reported = true;
    await this.#report({ kind: 'ended', outcome: sendable(ended), at: Date.now() });
  }

  /** The offer was withdrawn: the executor is asked to stop, and what it still says goes nowhere. */
  withdraw(): void {
    if (this.#attempt.over || this.#attempt.cancelled) return;
    this.#attempt.cancelled = true;
    this.#attempt.abort('The step was cancelled');
    setTimeout(() => this.drop(), CANCEL_GRACE_MS).unref();
  }

  /** Stops at once, without a word. */
  drop(): void {
    this.#attempt.drop();
    this.#over.resolve(null);
  }

  async #resolve(): Promise<ResolvedConfig> {
    const { run, found, offer } = this.#options;
    const { prepared, scope, at } = found;
    const values = () => configScope(prepared, scope, run.facts, offer.step, at.execution);
    try {
      if (prepared.secrets.length === 0) return await resolveConfig(prepared, values);
      return await resolveSecretConfig(prepared, values(), run.ids.workspaceId, this.#attempt.secretMask());
    } catch (thrown) {
      return { error: { code: 'STEP_ERROR', message: errorMessage(thrown) } };
    }
  }

  /** How the executor ends, or that its time was over before it did. */
  async #perform(config: unknown): Promise<StepOutcome> {
    const attempt = this.#attempt;
    const { executor, step } = attempt.prepared;
    if (executor === undefined) return failure('UNKNOWN_STEP_TYPE', `No worker can execute '${step.type}'`, false);
    const late = new Promise<StepOutcome>((resolve) =>
      attempt.startTimer(() => {
        attempt.abort('The step took too long');
        resolve(failure('STEP_TIMEOUT', `The step took longer than ${(attempt.timeout ?? 0) / 1000} s`, true));
      }),
    );
    const ended = Promise.resolve()
      .then(() => executor(config as never, attempt))
      .catch((thrown): StepOutcome => failure('STEP_ERROR', errorMessage(thrown), true));
    return Promise.race([ended, late]);
  }

  /** Resolves to whether the offer stands. */
  #report(report: RemoteReport): Promise<boolean> {
    this.#sent = this.#sent.then((stands) => stands && this.#options.post(report));
    return this.#sent;
  }
}

/** Of an executor that opens iterations none comes here: those stay with their run. */
function sendable(outcome: StepOutcome): RemoteOutcome {
  if (outcome.kind !== 'iterate') return outcome;
  return failure('STEP_ERROR', 'A step with iterations can only be executed by the owner of its run', false);
}
