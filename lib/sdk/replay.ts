import { setImmediate as macrotask } from 'node:timers/promises';
import type { Json } from '#lib/base/json.ts';
import type { PastCall } from '#lib/contracts/task-workers.ts';
import type { Asked } from './code-session.ts';
import { stepError } from './errors.ts';
import type { WireError } from './thrown-error.ts';

/** How a step ended. */
export type Result = { readonly ok: true; readonly output: Json } | { readonly ok: false; readonly error: WireError | null };

/** A step that code has asked for and not been given the result of. */
export interface OpenCall {
  readonly step: string;
  readonly name: string;
  readonly count: number;
  readonly asked: Asked;
  /** Attempts that have begun. */
  attempt: number;
  /** Number of the last event that is known of it. */
  after: number;
  /** An attempt failed; the server says when the next one is due, or that there is none. */
  retrying: boolean;
  begun: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds in which code has to ask for the next step that it had asked for before. */
const PATIENCE_MS = 30_000;

/** How a step of the past ended; null while it has not. */
export function resultOf({ status, output, error }: PastCall): Result | null {
  if (status === 'completed') return { ok: true, output };
  return status === 'failed' || status === 'cancelled' || status === 'skipped' ? { ok: false, error } : null;
}

export function nondeterminism(message: string): WireError {
  const why =
    'Code takes the same way each time it is replayed: time, chance and what comes from outside belong into a step, and runs that are under way need the code they began with.';
  return { code: 'NONDETERMINISTIC', message: `${message}. ${why}` };
}

/**
 * Takes code the way it went before: gives it each result at the place at which it had it, so that it asks for the same
 * steps in the same order. The journal tells of each call which results the code had been given since the one before.
 */
export class Replay {
  readonly #past: readonly PastCall[];
  readonly #open: Map<string, OpenCall>;
  readonly #onBroken: (error: WireError) => void;
  readonly #given = new Set<string>();
  #next = 0;
  #seen: string[] = [];
  #wake: (() => void) | null = null;
  #stopped = false;

  constructor(past: readonly PastCall[], open: Map<string, OpenCall>, onBroken: (error: WireError) => void) {
    this.#past = past;
    this.#open = open;
    this.#onBroken = onBroken;
  }

  /** False where the code went another way, or nobody wants it any more. */
  async run(): Promise<boolean> {
    const results = new Map(this.#past.flatMap((call) => [[call.step, resultOf(call)] as const]));
    const give = async (step: string): Promise<void> => {
      const result = results.get(step);
      if (result != null && !this.#given.has(step)) await this.deliver(step, result);
    };
    for (const [place, { step, seen }] of this.#past.entries()) {
      for (const one of seen) await give(one);
      if (!(await this.#hasAsked(place))) {
        if (!this.#stopped) this.#break(`The code has not asked again for the step '${step}' that it had asked for`);
        return false;
      }
    }
    const rest = this.#past.filter(({ ended_at: at }) => at !== null);
    for (const { step } of rest.sort((a, b) => Date.parse(a.ended_at ?? '') - Date.parse(b.ended_at ?? ''))) await give(step);
    return !this.#stopped;
  }

  /** True where this is the next step of the past. */
  expects(step: string): boolean {
    return this.#past[this.#next]?.step === step;
  }

  /** What the past knows of a step that the code asks for now: null for a new one. `other`: it had asked for another one here. */
  take(step: string): PastCall | 'other' | null {
    const past = this.#past[this.#next];
    if (past === undefined) return null;
    if (past.step !== step) {
      this.#break(`The code asked for the step '${step}' where it had asked for '${past.step}' before (step ${this.#next + 1} of its run)`);
      return 'other';
    }
    this.#next++;
    this.#seen = [];
    return past;
  }

  /** A step is open that was not. */
  asked(): void {
    this.#wake?.();
  }

  /** Steps whose results were given since the last call. */
  seen(): string[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  /** Gives the code a result, and it time for what it does with it. */
  async deliver(step: string, result: Result): Promise<void> {
    const call = this.#open.get(step);
    if (call === undefined || this.#stopped) return;
    this.#open.delete(step);
    this.#given.add(step);
    this.#seen.push(step);
    if (result.ok) call.resolve(result.output);
    else call.reject(stepError(step, result.error));
    await macrotask();
  }

  /** Why code may not end here: there are steps that it had asked for before. */
  missed(): WireError | null {
    const past = this.#past[this.#next];
    return past === undefined ? null : nondeterminism(`The code ended where it had asked for the step '${past.step}' before`);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #hasAsked(place: number): Promise<boolean> {
    const end = Date.now() + PATIENCE_MS;
    while (this.#next <= place && !this.#stopped && Date.now() < end) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, end - Date.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#next > place && !this.#stopped;
  }

  #break(message: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#onBroken(nondeterminism(message));
  }
}
