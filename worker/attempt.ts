import type { Json } from '#lib/base/json.ts';
import { readStepEmissions } from '#lib/db/run-events.ts';
import type { Scope } from '#lib/engine/state.ts';
import { schemaProblems } from '#lib/server/check-input.ts';
import { planChild, startChild } from '#lib/server/child-runs.ts';
import { readAgent } from '#lib/server/read-agent.ts';
import { SecretMask } from '#lib/server/secret-mask.ts';
import type { StepContext, StepOutcome } from '#lib/steps/executor.ts';
import type { PreparedStep } from './prepared-step.ts';
import { loadSecrets } from './step-secrets.ts';

/** What an attempt reports to the run that it belongs to. */
export interface AttemptOwner {
  readonly ids: { readonly runId: string; readonly workflowId: string; readonly workspaceId: string };
  readonly fetch: typeof fetch;
  scopeFor(attempt: Attempt): StepContext['scope'];
  onLog(attempt: Attempt, lines: string[]): void;
  onProgress(attempt: Attempt, share: number): void;
  onEmit(attempt: Attempt, name: string, data: Json): void;
  /** Calls `done` when what the attempt has emitted is durable. */
  whenKept(done: () => void): void;
}

/** What of an outcome is our own word and never masked. */
const OURS: readonly string[] = ['kind', 'branch', 'on', 'until'];
/** Milliseconds between two rows of logs or progress of one step, and characters that a row of logs may have. */
const REPORT_MS = 100;
const MAX_LOG_CHARS = 64 * 1024;

/**
 * One execution of a step, from its start to its end: what its executor sees of the world, its timers, its logs.
 *
 *     starting ─▶ running ─▶ over         (`over`: how it ended is recorded; what still comes is dropped)
 */
export class Attempt implements StepContext {
  readonly prepared: PreparedStep;
  /** The run's, or that of the iteration it belongs to. */
  readonly place: Scope;
  readonly attempt: number;
  readonly execution: number;
  readonly startedAt: number;
  readonly stepKey: string;
  readonly timeout: number | null;
  /** The resolved config, where it held expressions. */
  input: Json | undefined = undefined;
  /** A `step_started` row was written. */
  announced = false;
  over = false;
  cancelled = false;
  readonly #owner: AttemptOwner;
  /** Hides the secrets that this attempt has read; null while there are none. */
  #mask: SecretMask | null = null;
  #controller: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reporter: NodeJS.Timeout | null = null;
  #lines: string[] | null = null;
  #chars = 0;
  #dropped = 0;
  #progress: number | null = null;

  constructor(
    owner: AttemptOwner,
    prepared: PreparedStep,
    options: { place: Scope; stepKey: string; attempt: number; execution: number; startedAt: number },
  ) {
    this.#owner = owner;
    this.prepared = prepared;
    this.place = options.place;
    this.stepKey = options.stepKey;
    this.attempt = options.attempt;
    this.execution = options.execution;
    this.startedAt = options.startedAt;
    this.timeout = prepared.step.timeout;
  }

  get runId(): string {
    return this.#owner.ids.runId;
  }

  get workflowId(): string {
    return this.#owner.ids.workflowId;
  }

  get workspaceId(): string {
    return this.#owner.ids.workspaceId;
  }

  get idempotencyKey(): string {
    return `${this.#owner.ids.runId}:${this.stepKey}:${this.execution}`;
  }

  get fetch(): typeof fetch {
    return this.#owner.fetch;
  }

  get scope(): StepContext['scope'] {
    return this.#owner.scopeFor(this);
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  // Made when asked for: most steps of a busy worker never report anything. Executors may take them off the context.
  get log(): (line: string) => void {
    return (line) => this.#log(line);
  }

  get progress(): (share: number) => void {
    return (share) => {
      if (this.over || !Number.isFinite(share)) return;
      this.#progress = Math.min(1, Math.max(0, share));
      this.#report();
    };
  }

  get emit(): (name: string, data: Json) => void {
    return (name, data) => {
      if (!this.over) this.#owner.onEmit(this, name, this.#mask?.json(data) ?? data);
    };
  }

  get record(): StepContext['record'] {
    return (name, data) =>
      new Promise((resolve, reject) => {
        const { signal } = this;
        if (this.over || signal.aborted) return reject(signal.reason ?? new Error('The step has ended'));
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        this.#owner.onEmit(this, name, this.#mask?.json(data) ?? data);
        this.#owner.whenKept(resolve);
      });
  }

  get recorded(): StepContext['recorded'] {
    return () => readStepEmissions(this.runId, this.stepKey);
  }

  get agent(): StepContext['agent'] {
    return (idOrName) => readAgent(this.workspaceId, idOrName);
  }

  get checkSchema(): StepContext['checkSchema'] {
    return (schema, value) => schemaProblems(schema, value, "the step's schema");
  }

  get runs(): StepContext['runs'] {
    const starter = { runId: this.runId, workspaceId: this.workspaceId, stepKey: this.stepKey, queue: this.prepared.step.source.queue };
    return {
      plan: (wish) => planChild(starter, wish),
      start: (child) => startChild(starter, child, `step ${this.idempotencyKey}`),
    };
  }

  get secret(): StepContext['secret'] {
    return async (name) => {
      const found = await loadSecrets(this.workspaceId, [{ name, pointer: '' }], this.secretMask());
      return 'error' in found ? { error: { code: found.error.code, message: found.error.message } } : { value: found.values[name] ?? '' };
    };
  }

  get hideSecrets(): StepContext['hideSecrets'] {
    return (value) => this.#mask?.json(value) ?? value;
  }

  /** What hides the secrets of this attempt. */
  secretMask(): SecretMask {
    this.#mask ??= new SecretMask();
    return this.#mask;
  }

  /** Hides what was read before the attempt began. */
  startSecretly(mask: SecretMask): void {
    this.#mask = mask;
  }

  /** An outcome without the secrets that the attempt has read. */
  masked(outcome: StepOutcome): StepOutcome {
    const mask = this.#mask;
    if (mask === null) return outcome;
    const shown = Object.entries(outcome).map(([name, value]) => [name, OURS.includes(name) ? value : mask.json(value)]);
    return Object.fromEntries(shown) as StepOutcome;
  }

  /** Calls `onTimeout` when the attempt's time is over. */
  startTimer(onTimeout: () => void): void {
    if (this.timeout === null || this.over) return;
    this.#timer = setTimeout(onTimeout, Math.min(this.timeout, 2 ** 31 - 1));
  }

  /** Asks the executor to stop. */
  abort(reason: string): void {
    this.#controller ??= new AbortController();
    if (!this.#controller.signal.aborted) this.#controller.abort(new DOMException(reason, 'AbortError'));
  }

  /** Reports what was held back and ends all timers. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#reporter !== null) {
      clearTimeout(this.#reporter);
      this.#deliver();
    }
    this.over = true;
  }

  /** Ends without a word: the run belongs to somebody else now. */
  drop(): void {
    this.over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#reporter !== null) clearTimeout(this.#reporter);
    this.abort('The run is no longer driven here');
  }

  #log(line: string): void {
    if (this.over) return;
    const said = this.#mask?.text(line) ?? line;
    const text = said.length > MAX_LOG_CHARS ? `${said.slice(0, MAX_LOG_CHARS)}…` : said;
    if (this.#chars + text.length > MAX_LOG_CHARS && this.#lines !== null) {
      this.#dropped++;
    } else {
      this.#lines ??= [];
      this.#lines.push(text);
      this.#chars += text.length;
    }
    this.#report();
  }

  #report(): void {
    this.#reporter ??= setTimeout(() => this.#deliver(), REPORT_MS);
  }

  #deliver(): void {
    this.#reporter = null;
    const lines = this.#lines ?? [];
    if (this.#dropped > 0) lines.push(`… ${this.#dropped} lines came too fast and were dropped`);
    const progress = this.#progress;
    this.#lines = null;
    this.#chars = 0;
    this.#dropped = 0;
    this.#progress = null;
    if (lines.length > 0) this.#owner.onLog(this, lines);
    if (progress !== null) this.#owner.onProgress(this, progress);
  }
}
