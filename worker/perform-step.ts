import { errorMessage } from '#lib/base/errors.ts';
import { uuidv7 } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { apply } from '#lib/engine/apply.ts';
import type { Work } from '#lib/engine/decide.ts';
import type { Evaluation } from '#lib/engine/decision.ts';
import type { NewRunEvent, RunError } from '#lib/engine/events.ts';
import { isSettled } from '#lib/engine/readiness.ts';
import { offered } from '#lib/engine/remote-offer.ts';
import { afterFailure } from '#lib/engine/retry.ts';
import { stepState } from '#lib/engine/scope.ts';
import type { Scope } from '#lib/engine/state.ts';
import type { StepContext, StepOutcome } from '#lib/steps/executor.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { examineWait, recordExamined } from './examine-wait.ts';
import type { RunDriver } from './execute-run.ts';
import { type PreparedStep, type ResolvedConfig, resolveConfig, resolveSecretConfig } from './prepared-step.ts';
import { CANCEL_GRACE_MS } from './runtime.ts';
import { CANCELLED, failure, shortStart, withinLimit } from './step-outcome.ts';
import { configScope, evaluateCondition, executorScope } from './step-scope.ts';
import { performUndo } from './undo-step.ts';

type Start = Extract<Work, { kind: 'start' }>;

/**
 * Does a run's work and records how it ended.
 *
 *     start: [durable] ─▶ resolve config ─▶ (ask: row of its start, durable) ─▶ execute ─▶ outcome ─▶ event ─▶ move
 *     pure step: the same without waiting for anything
 */
export class StepPerformer implements AttemptOwner {
  readonly #run: RunDriver;
  readonly #attempts = new Map<string, Attempt>();
  /** Conditions and undos under way; they have no attempt. */
  #others = 0;
  /** The run began anew, or ended without us: what still comes goes nowhere. */
  #dropped = false;
  /** Aborted with it; made when asked for. */
  #stopping: AbortController | null = null;

  constructor(run: RunDriver) {
    this.#run = run;
  }

  get inFlight(): number {
    return this.#attempts.size + this.#others;
  }

  /** Does or begins a piece of work. True where it was done at once and its event is recorded. */
  take(work: Work): boolean {
    switch (work.kind) {
      case 'start':
        return this.#start(work);
      case 'evaluate':
        return this.#evaluate(work);
      case 'examine':
        return this.#examine(work);
      case 'cancel_step':
        return this.#cancel(work.step);
      case 'undo':
        this.#run.afterDurable(() => this.#run.runtime.lease.whenHeld(() => void this.#undo(work.step)));
        return false;
      case 'wake':
        return false;
    }
  }

  /** Stops everything without recording it. */
  dropAll(): void {
    this.#dropped = true;
    this.#stopping?.abort();
    for (const attempt of this.#attempts.values()) attempt.drop();
    this.#attempts.clear();
  }

  get ids(): AttemptOwner['ids'] {
    return this.#run.ids;
  }

  get fetch(): typeof fetch {
    return this.#run.runtime.fetch;
  }

  scopeFor({ prepared, place }: Attempt): StepContext['scope'] {
    return executorScope(place, prepared, this.#run.facts);
  }

  onLog(attempt: Attempt, lines: string[]): void {
    this.#report(attempt, { type: 'step_log', step: attempt.stepKey, attempt: attempt.attempt, lines, at: Date.now() });
  }

  onProgress(attempt: Attempt, progress: number): void {
    this.#report(attempt, { type: 'step_progress', step: attempt.stepKey, attempt: attempt.attempt, progress, at: Date.now() });
  }

  onEmit(attempt: Attempt, name: string, data: Json): void {
    this.#report(attempt, { type: 'step_emitted', step: attempt.stepKey, attempt: attempt.attempt, name, data, at: Date.now() });
  }

  whenKept(done: () => void): void {
    this.#run.afterDurable(done);
    this.#run.runtime.flusher.add(this.#run);
  }

  #report(attempt: Attempt, event: NewRunEvent): void {
    if (this.#run.over) return;
    this.#announce(attempt);
    this.#run.record(event);
    this.#run.runtime.flusher.add(this.#run);
  }

  /** Writes the start of an attempt as a row of its own, once. */
  #announce(attempt: Attempt): void {
    if (attempt.announced || this.#run.over) return;
    attempt.announced = true;
    const { stepKey: step, execution, startedAt: at, input } = attempt;
    this.#run.keep({ type: 'step_started', step, attempt: attempt.attempt, execution, at, ...(input === undefined ? {} : { input }) });
  }

  #start(work: Start): boolean {
    const { prepared, scope, at } = this.#run.find(work.step);
    if (prepared.elsewhere) {
      this.#run.record(offered(prepared.step, work.step, work.attempt, uuidv7(), Date.now()));
      return true;
    }
    if (prepared.type?.pure === true) return this.#begin(work, prepared, scope);
    const begin = (): void => {
      // Cancelled while it was held back.
      if (this.#run.over || this.#dropped || at.taken === null) return;
      if (this.#begin(work, prepared, scope)) this.#run.move();
    };
    this.#run.afterDurable(() => this.#run.runtime.lease.whenHeld(begin));
    return false;
  }

  /** True where it has ended already. */
  #begin({ step: stepKey, attempt: number, execution }: Start, prepared: PreparedStep, place: Scope): boolean {
    const attempt = new Attempt(this, prepared, { place, stepKey, attempt: number, execution, startedAt: Date.now() });
    this.#attempts.set(stepKey, attempt);
    const run = this.#run;
    const scope = () => configScope(prepared, place, run.facts, stepKey, execution);
    const resolved =
      prepared.secrets.length === 0
        ? resolveConfig(prepared, scope)
        : resolveSecretConfig(prepared, scope(), run.ids.workspaceId, attempt.secretMask());
    if (!(resolved instanceof Promise)) return this.#enter(attempt, resolved);
    resolved.then(
      (config) => this.#enter(attempt, config) && this.#run.move(),
      (thrown) => this.#end(attempt, failure('STEP_ERROR', errorMessage(thrown), false)) && this.#run.move(),
    );
    return false;
  }

  #enter(attempt: Attempt, resolved: ResolvedConfig): boolean {
    if (attempt.over) return false;
    attempt.input = resolved.input;
    if ('error' in resolved) return this.#end(attempt, { kind: 'failed', error: resolved.error, retryable: false });
    const { prepared, attempt: number, execution, startedAt: at, input } = attempt;
    if (prepared.type?.pure === true) return this.#execute(attempt, resolved.config);
    apply(this.#run.state, {
      ...{ type: 'step_started', step: attempt.stepKey, attempt: number, execution, at },
      ...(input === undefined ? {} : { input }),
    });
    if (prepared.step.onCrash !== 'ask') return this.#execute(attempt, resolved.config);
    // It must not be repeated, so that it began is written before it begins.
    this.#announce(attempt);
    const execute = () => !attempt.over && this.#execute(attempt, resolved.config) && this.#run.move();
    this.#run.afterDurable(() => this.#run.runtime.lease.whenHeld(execute));
    return false;
  }

  #execute(attempt: Attempt, config: unknown): boolean {
    const { executor, step } = attempt.prepared;
    if (attempt.cancelled) return this.#end(attempt, CANCELLED);
    if (executor === undefined) return this.#end(attempt, failure('UNKNOWN_STEP_TYPE', `No worker can execute '${step.type}'`, false));
    let outcome: StepOutcome | Promise<StepOutcome>;
    try {
      outcome = executor(config as never, attempt);
    } catch (thrown) {
      return this.#end(attempt, failure('STEP_ERROR', errorMessage(thrown), true));
    }
    if (!(outcome instanceof Promise)) return this.#end(attempt, outcome);
    attempt.startTimer(() => {
      attempt.abort('The step took too long');
      const message = `The step took longer than ${(attempt.timeout ?? 0) / 1000} s`;
      if (this.#end(attempt, failure('STEP_TIMEOUT', message, true))) this.#run.move();
    });
    this.#run.runtime.longSteps.watch(attempt, () => this.#announce(attempt));
    outcome.then(
      (ended) => this.#end(attempt, ended) && this.#run.move(),
      (thrown) => this.#end(attempt, failure('STEP_ERROR', errorMessage(thrown), true)) && this.#run.move(),
    );
    return false;
  }

  /** Records the outcome. False: it came too late. */
  #end(attempt: Attempt, ended: StepOutcome): boolean {
    if (attempt.over || this.#run.over) return false;
    const outcome = withinLimit(attempt.masked(ended));
    attempt.close();
    const { step } = attempt.prepared;
    this.#attempts.delete(attempt.stepKey);
    const at = Date.now();
    const base = { step: attempt.stepKey, attempt: attempt.attempt, at, started_at: attempt.startedAt };
    const start = attempt.announced ? null : shortStart(attempt);
    if (outcome.kind === 'completed') {
      const { output, branch } = outcome;
      this.#run.record({ ...base, type: 'step_completed', output: output ?? null, ...(branch === undefined ? {} : { branch }) }, start);
    } else if (attempt.cancelled) {
      this.#announce(attempt);
      this.#run.record({ type: 'step_cancelled', step: base.step, at });
    } else if (outcome.kind === 'iterate') {
      const { items, limit, concurrency } = outcome;
      this.#run.record({ ...base, type: 'loop_opened', items, limit, concurrency });
    } else if (outcome.kind === 'wait') {
      this.#announce(attempt);
      const { on: kind, until, data } = outcome;
      this.#run.record({ type: 'step_waiting', step: base.step, attempt: base.attempt, kind, wake_at: until, data, at });
    } else {
      const error = { ...outcome.error, step: base.step };
      const failed = {
        step: base.step,
        attempt: attempt.attempt,
        startedAt: attempt.startedAt,
        endedAt: at,
        error,
        retryable: outcome.retryable,
        retryAfter: outcome.retryAfter,
      };
      const before = attempt.place.steps[step.index];
      if (before) this.#run.record(afterFailure(step, before, failed, Math.random()), start);
    }
    return true;
  }

  #evaluate(work: Evaluation): boolean {
    const run = this.#run;
    const { scope, prepared } = run.find(work.step);
    const { condition, step, iteration } = work;
    const asked = { step, condition, ...(iteration === undefined ? {} : { iteration }) };
    const keep = (answer: { value: boolean } | { error: RunError }): void =>
      run.record({ type: 'condition_evaluated', ...asked, at: Date.now(), ...answer });
    const answer = evaluateCondition(prepared, scope, work, run.facts);
    if (!(answer instanceof Promise)) {
      keep(answer);
      return true;
    }
    this.#others++;
    void answer
      .catch((thrown) => ({ error: { code: 'CONDITION_EVALUATION_ERROR', message: errorMessage(thrown) } }))
      .then((late) => {
        this.#others--;
        if (run.over || this.#dropped) return;
        keep(late);
        run.move();
      });
    return false;
  }

  #examine(work: Extract<Work, { kind: 'examine' }>): boolean {
    const answer = examineWait(this.#run, work);
    if (!(answer instanceof Promise)) return recordExamined(this.#run, work, answer);
    this.#others++;
    void answer.then((late) => {
      this.#others--;
      if (!this.#run.over && !this.#dropped && recordExamined(this.#run, work, late)) this.#run.move();
    });
    return false;
  }

  #cancel(key: string): boolean {
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) {
      // A pure step that was handed out in the same move has ended already.
      if (isSettled(stepState(this.#run.state, key)?.status ?? 'cancelled')) return false;
      // Held back and never begun, or executed elsewhere: who does so is told by the end of the offer.
      this.#run.record({ type: 'step_cancelled', step: key, at: Date.now() });
      return true;
    }
    attempt.cancelled = true;
    attempt.abort('The step was cancelled');
    const giveUp = () => this.#end(attempt, CANCELLED) && this.#run.move();
    setTimeout(giveUp, CANCEL_GRACE_MS).unref();
    return false;
  }

  async #undo(key: string): Promise<void> {
    const run = this.#run;
    this.#others++;
    this.#stopping ??= new AbortController();
    const error = await performUndo(run, this, key, this.#stopping.signal).catch(
      (thrown): RunError => ({ code: 'STEP_ERROR', message: errorMessage(thrown) }),
    );
    this.#others--;
    if (run.over || this.#dropped) return;
    const attempt = stepState(run.state, key)?.attempt ?? 1;
    run.record({ type: 'step_undone', step: key, attempt, at: Date.now(), ...(error === null ? {} : { error }) });
    run.move();
  }
}
