import { uuidFromId } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { isSettled } from '#lib/engine/readiness.ts';
import { placeOf, stepAt } from '#lib/engine/scope.ts';
import { verdictOf } from '#lib/engine/spread.ts';
import type { StepContext, StepExecutor, StepOutcome } from '#lib/steps/executor.ts';
import { idOfKey } from '#lib/workflow/step-key.ts';
import { workflowUuid } from './names.ts';
import type { Observer } from './observer.ts';
import type { Plan } from './plan.ts';
import type { Tables } from './tables.ts';
import type { Process } from './world.ts';

/**
 * The world outside on which steps have their effects, and which sees every call with its idempotency key. It knows what the
 * journal says at that moment, so it tells when a step is executed that must not be.
 */
export class Services {
  readonly #plan: Plan;
  readonly #clockJumps: boolean;
  readonly #tables: Tables;
  readonly #observer: Observer;
  /** Calls that have ended, by idempotency key. */
  readonly #ended = new Map<string, number>();
  /** Attempts that have begun, of steps that must not be repeated. */
  readonly #begun = new Set<string>();
  /** Calls that go on just now. */
  readonly #going = new Map<string, { readonly process: Process; readonly run: string; readonly worker: string }>();
  calls = 0;
  repeated = 0;
  /** Calls by a worker that was declared dead and had not heard of it yet. */
  late = 0;

  constructor(plan: Plan, tables: Tables, observer: Observer) {
    this.#plan = plan;
    this.#clockJumps = plan.faults.some((one) => one.kind === 'clock of the database');
    this.#tables = tables;
    this.#observer = observer;
  }

  /** What executes steps in a process. `workerId` is asked when the step begins. */
  executorOf(process: Process, workerId: () => string): StepExecutor<JsonObject> {
    return (_, context) => this.#execute(process, workerId(), context);
  }

  #execute(process: Process, worker: string, context: StepContext): StepOutcome | Promise<StepOutcome> {
    const { stepKey, idempotencyKey, signal } = context;
    const isUndo = stepKey.endsWith('/undo');
    const run = uuidFromId('run', context.runId) ?? '';
    if (!isUndo) this.#judge(run, worker, context);
    const workflow = this.#plan.workflows.findIndex((__, index) => workflowUuid(index) === this.#tables.runs.get(run)?.workflowId);
    const fate = isUndo ? UNDO : (this.#plan.workflows[workflow]?.fates[idOfKey(stepKey)] ?? UNDO);
    this.calls++;
    const call = `${idempotencyKey}#${this.calls}`;
    this.#going.set(call, { process, run, worker });
    if (!isUndo) this.#checkLimit(run);
    const end = (): StepOutcome => {
      this.#going.delete(call);
      const before = this.#ended.get(idempotencyKey) ?? 0;
      this.#ended.set(idempotencyKey, before + 1);
      if (before > 0) this.repeated++;
      if (before >= fate.failures) return { kind: 'completed', output: { by: stepKey } };
      if (fate.throws) throw new Error('It did not work');
      return { kind: 'failed', error: { code: 'NOT_WORKING', message: 'It did not work' }, retryable: true };
    };
    if (fate.talks) {
      context.log(`begins ${stepKey}`);
      context.progress(0.5);
      context.emit('said', { at: stepKey });
    }
    if (fate.takes === 0) return end();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        try {
          resolve(end());
        } catch (thrown) {
          reject(thrown);
        }
      }, fate.takes);
      const stop = (): void => {
        if (fate.stubborn) return;
        clearTimeout(timer);
        this.#going.delete(call);
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Whether this step may be executed now, by what is committed. */
  #judge(run: string, worker: string, { stepKey, attempt, idempotencyKey }: StepContext): void {
    const state = this.#observer.stateOf(run);
    const row = this.#tables.runs.get(run);
    const blame = (why: string): void =>
      this.#observer.blame(`The step ${stepKey} of ${run} was executed (attempt ${attempt}) although ${why}`);
    const place = state === null ? undefined : placeOf(state, stepKey);
    if (state === null || row === undefined || place === undefined) {
      blame('the journal knows nothing of it');
      return;
    }
    const { step, at } = stepAt(place.scope, place.index);
    const offer = this.#tables.waits.get(`${run} ${stepKey}`);
    const isMine = offer?.kind === 'remote' ? offer.claimedBy === worker : row.owner === worker;
    const isOurs = this.#tables.workers.get(worker)?.status === 'alive' && isMine;
    const isSame = idempotencyKey.endsWith(`:${at.execution}`);
    if (!isOurs) {
      this.late++;
      // What is offered to others may begin as soon as they have said so, and be cut off by its run in the same moment.
      if (offer === undefined && step.queue !== 'default' && (at.status === 'skipped' || at.status === 'cancelled')) return;
      // Where the database's clock jumps ahead, a lease can be over sooner than its worker knows.
      if (isSettled(at.status) && isSame && !this.#clockJumps) blame(`it was ${at.status}, and its worker's time was over`);
      return;
    }
    if (isSettled(at.status) && isSame) blame(`it was ${at.status}`);
    if (at.status === 'pending' && (verdictOf(place.scope, place.index) !== 'ready' || at.contextOpen > 0))
      blame('what it depends on is not durable');
    if (step.onCrash !== 'ask') return;
    const begun = `${idempotencyKey}#${attempt}`;
    if (this.#begun.has(begun)) blame('it must not be repeated');
    this.#begun.add(begun);
    if (at.status !== 'running' || at.attempt !== attempt) blame('its beginning is not durable, and it must not be repeated');
  }

  #checkLimit(run: string): void {
    const key = this.#tables.runs.get(run)?.key;
    const max = key == null ? undefined : this.#tables.limits.get(key)?.max;
    if (max === undefined) return;
    const runs = new Set<string>();
    for (const one of this.#going.values()) {
      const row = this.#tables.runs.get(one.run);
      if (row?.key === key && row?.owner === one.worker && !one.process.dead && one.process.held === null) runs.add(one.run);
    }
    if (runs.size > max) this.#observer.blame(`${runs.size} runs are at work at the same time under the limit ${key} of ${max}`);
  }
}

const UNDO = { takes: 5, failures: 0, throws: false, talks: false, stubborn: false };
