import { AsyncLocalStorage } from 'node:async_hooks';
import type { StepNews, WireCall, WireReport, Work } from '#lib/contracts/task-workers.ts';
import { prefixOfKey } from '#lib/workflow/step-key.ts';
import { codeSteps } from './code-steps.ts';
import { plainJson } from './plain-json.ts';
import { type OpenCall, Replay, type Result, resultOf } from './replay.ts';
import { attemptStep } from './step-attempt.ts';
import { StepNames } from './step-names.ts';
import { millis, type StepSettings } from './step-options.ts';
import { thrownError, type WireError } from './thrown-error.ts';
import type { CodeWorkflow, StepContext } from './workflow.ts';

/** A report without the time at which it is sent. */
export type NewReport = WireReport extends infer R ? (R extends WireReport ? Omit<R, 'ago_ms'> : never) : never;

/** The process around a session. */
export interface SessionHost {
  /** Sends in order. Resolves when it is durable; false: the work is somebody else's by now. Rejects what the server refuses. */
  post(report: NewReport): Promise<boolean>;
  /** What the session waits for has changed. */
  changed(): void;
  /** Nothing of it is under way any more. */
  ended(): void;
}

/** What code asks a step to be. */
export type Asked =
  | { readonly kind: 'do'; readonly settings: StepSettings; readonly work: (context: StepContext) => unknown }
  | { readonly kind: 'sleep'; readonly for?: number | string; readonly until?: string }
  | { readonly kind: 'wait'; readonly event_type: string; readonly timeout: number | string };

/** Code that only waits is parked after so many milliseconds: a short sleep needs no replay. */
const PARK_AFTER_MS = 1000;

/**
 * One function at work, from its replay until it ends or is parked.
 *
 *     replaying ─▶ live ─▶ ended   it returned or threw; what still runs of its steps is aborted
 *         │         ├────▶ parked  it waits for sleeps, events or retries alone, or its run is being paused
 *         └─────────┴────▶ gone    the work is somebody else's; it stops without a word
 */
export class CodeSession {
  readonly work: Work;
  readonly #code: CodeWorkflow;
  readonly #host: SessionHost;
  readonly #names = new StepNames();
  readonly #replay: Replay;
  readonly #open = new Map<string, OpenCall>();
  /** Steps that are known to have ended. */
  readonly #known = new Set<string>();
  readonly #results: { readonly step: string; readonly result: Result }[] = [];
  readonly #stop = new AbortController();
  /** In a step's function no step can be asked for: a replay would not come by there. */
  readonly #inside = new AsyncLocalStorage<string>();
  #live = false;
  #over = false;
  #pausing = false;
  #running = 0;
  #delivering = false;
  #parking: NodeJS.Timeout | null = null;

  constructor(work: Work, code: CodeWorkflow, host: SessionHost) {
    this.work = work;
    this.#code = code;
    this.#host = host;
    this.#replay = new Replay(work.calls, this.#open, (error) => void this.#finish({ kind: 'threw', error }));
    for (const call of work.calls) if (resultOf(call) !== null) this.#known.add(call.step);
  }

  get pausing(): boolean {
    return this.#pausing;
  }

  /** Steps that the server times, each with the number of the last event that is known of it. */
  awaits(): { step: string; after: number }[] {
    if (this.#over) return [];
    const waiting = [...this.#open.values()].filter((call) => call.asked.kind !== 'do' || call.retrying);
    return waiting.filter(({ step }) => !this.#known.has(step)).map(({ step, after }) => ({ step, after }));
  }

  start(): void {
    void this.#execute();
    void this.#replay.run().then((whole) => {
      if (!whole || this.#over) return;
      this.#live = true;
      for (const call of [...this.#open.values()]) this.#consider(call);
      void this.#deliver();
    });
  }

  /** What the server tells of steps that it times. */
  onNews(news: readonly StepNews[]): void {
    for (const { step, seq, news: what, output, error } of news) {
      const call = this.#open.get(step);
      if (call === undefined || this.#known.has(step) || seq <= call.after || this.#over) continue;
      call.after = seq;
      if (what === 'due') {
        call.retrying = false;
        if (this.#live) this.#consider(call);
      } else this.#end(step, what === 'completed' ? { ok: true, output } : { ok: false, error });
    }
  }

  /** The run is being paused, or the process stops: what runs ends, nothing new begins, and then the code is parked. */
  pause(): void {
    if (this.#pausing) return;
    this.#pausing = true;
    this.#mayPark();
  }

  /** The work is somebody else's. */
  withdraw(): void {
    this.#close();
  }

  async #execute(): Promise<void> {
    try {
      const steps = codeSteps(
        (name, asked) => this.#ask(name, asked),
        (kind, name) => this.#replay.expects(this.#names.peek(kind, name)),
      );
      // The code may do with its input what it likes; a replay is given it as it was.
      const output = await Promise.resolve().then(() => this.#code.run(steps, structuredClone(this.work.input) as never));
      await this.#finish({ kind: 'returned', output: plainJson(output) });
    } catch (thrown) {
      await this.#finish({ kind: 'threw', error: thrownError(thrown, 'CODE_ERROR') });
    }
  }

  #ask(name: string, asked: Asked): Promise<unknown> {
    const inside = this.#inside.getStore();
    if (inside !== undefined) throw new Error(`The function of step '${inside}' asked for a step '${name}': only the code around it can`);
    if (this.#over) return new Promise(() => {});
    const named = this.#names.next(asked.kind, name);
    const past = this.#replay.take(named.step);
    if (past === 'other') return new Promise(() => {});
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const attempt = past?.attempt ?? 0;
    const call: OpenCall = {
      ...named,
      asked,
      attempt,
      after: this.work.after,
      retrying: past?.retrying ?? false,
      begun: false,
      resolve,
      reject,
    };
    this.#open.set(named.step, call);
    if (past === null) void this.#post({ kind: 'called', call: wireCall(call, this.#replay.seen()) });
    this.#replay.asked();
    if (this.#live) this.#consider(call);
    return promise;
  }

  /** Begins what is to be begun; asks for news of what the server times. */
  #consider(call: OpenCall): void {
    const { asked, begun, retrying, step } = call;
    if (!this.#over && !this.#known.has(step)) {
      if (asked.kind !== 'do' || retrying) this.#host.changed();
      else if (!begun && !this.#pausing) void this.#attempt(call, asked);
    }
    this.#mayPark();
  }

  async #attempt(call: OpenCall, { settings, work }: Extract<Asked, { kind: 'do' }>): Promise<void> {
    const { step } = call;
    call.begun = true;
    call.attempt++;
    this.#running++;
    const { attempt } = call;
    void this.#post({ kind: 'step_started', step, attempt });
    const end = await this.#inside.run(step, () =>
      attemptStep(work, {
        attempt,
        idempotencyKey: `${this.work.run_id}:${prefixOfKey(this.work.step)}${step}:${this.work.execution}`,
        timeout: millis(settings.timeout, 'timeout'),
        signal: this.#stop.signal,
        log: (line) => void this.#post({ kind: 'step_log', step, lines: [String(line).slice(0, 65_536)] }),
        progress: (share) => void this.#post({ kind: 'step_progress', step, progress: Math.min(1, Math.max(0, Number(share) || 0)) }),
      }),
    );
    const kept = await this.#post(
      end.ok
        ? { kind: 'step_completed', step, attempt, output: end.output }
        : { kind: 'step_failed', step, attempt, error: end.error, retryable: end.retryable },
    );
    this.#running--;
    if (!kept || this.#over) return;
    if (end.ok || !end.retryable) return this.#end(step, end);
    // Whether there is another attempt, and when, is for the server to say.
    call.begun = false;
    call.retrying = true;
    this.#consider(call);
  }

  #end(step: string, result: Result): void {
    // Its end may be news before its report has been answered.
    if (!this.#known.has(step)) this.#results.push({ step, result });
    this.#known.add(step);
    if (this.#live) void this.#deliver();
  }

  /** One result after another: what the code does with it comes before the next one. */
  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#results.shift(); next !== undefined && !this.#over; next = this.#results.shift()) {
      await this.#replay.deliver(next.step, next.result);
    }
    this.#delivering = false;
    this.#mayPark();
  }

  #mayPark(): void {
    if (this.#parking !== null) clearTimeout(this.#parking);
    this.#parking = null;
    if (this.#waits) this.#parking = setTimeout(() => void this.#park(), this.#pausing ? 0 : PARK_AFTER_MS);
  }

  /** True where the code has all that there is for it, and open steps. Without those it is about something of its own. */
  get #waits(): boolean {
    const busy = this.#over || !this.#live || this.#running > 0 || this.#delivering || this.#results.length > 0;
    return !busy && this.#open.size > 0;
  }

  async #park(): Promise<void> {
    // News may have come since the time was set.
    if (!this.#waits) return;
    const known = this.#known.size;
    this.#over = true;
    await this.#host.post({ kind: 'parked', known }).catch(() => false);
    this.#close();
  }

  async #finish(report: Extract<NewReport, { kind: 'returned' | 'threw' }>): Promise<void> {
    if (this.#over) return;
    const missed = this.#replay.missed();
    this.#over = true;
    // Its steps are told before anybody else hears of the end.
    this.#stop.abort(new DOMException('The code has ended', 'AbortError'));
    const last: NewReport = missed !== null && report.kind === 'returned' ? { kind: 'threw', error: missed } : report;
    const refusedError = (thrown: unknown): WireError => thrownError(thrown, 'REPORT_REFUSED');
    await this.#host.post(last).catch((thrown) => this.#host.post({ kind: 'threw', error: refusedError(thrown) }).catch(() => false));
    this.#close();
  }

  /** False: nothing more is to be said. What the server refuses fails the code, with the reason. */
  async #post(report: NewReport): Promise<boolean> {
    if (this.#over) return false;
    try {
      const kept = await this.#host.post(report);
      if (!kept) this.#close();
      return kept;
    } catch (thrown) {
      await this.#finish({ kind: 'threw', error: thrownError(thrown, 'REPORT_REFUSED') });
      return false;
    }
  }

  #close(): void {
    if (this.#parking !== null) clearTimeout(this.#parking);
    this.#over = true;
    this.#replay.stop();
    if (!this.#stop.signal.aborted) this.#stop.abort(new DOMException('The work is no longer here', 'AbortError'));
    this.#host.ended();
  }
}

function wireCall({ step, name, count, asked }: OpenCall, seen: string[]): WireCall {
  const base = { step, name, count, seen };
  switch (asked.kind) {
    case 'do': {
      const { retries, timeout } = asked.settings;
      return { ...base, kind: 'do', retries, timeout };
    }
    case 'sleep':
      return { ...base, ...asked };
    case 'wait':
      return { ...base, ...asked };
  }
}
