import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '#lib/base/errors.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { requestCancel, requestHold, requestRelease } from '#lib/db/control-runs.ts';
import { childOf, childRefused } from '#lib/engine/child-end.ts';
import type { NewRunEvent, RunError } from '#lib/engine/events.ts';
import { keyOf } from '#lib/engine/scope.ts';
import { type RunState, scopesOf } from '#lib/engine/state.ts';
import { plannedChild, startChild } from '#lib/server/child-runs.ts';
import { rootOfKey } from '#lib/workflow/step-key.ts';
import type { Runtime } from './runtime.ts';

/** The run whose steps wait for others. */
export interface ChildOwner {
  readonly ids: { readonly runId: string; readonly workspaceId: string };
  readonly state: RunState;
  readonly runtime: Runtime;
  readonly over: boolean;
  /** Calls `go` when what is recorded so far is durable, whether the run is being given back or not. */
  whenWritten(go: () => void): void;
  record(event: NewRunEvent): void;
  /** Asks the engine again, or gives the run back. */
  goOn(): void;
}

const RETRY_MS = 300;
type Wish = typeof requestCancel;

/**
 * The runs that steps of one run wait for.
 *
 *     planned, in the journal ─▶ durable ─▶ started (once) ─▶ its end comes as mail
 *                                              └─▶ the step ends otherwise: cancelled with it
 *
 * A run is not given back while one is being started; if its worker dies first, the next owner starts it. Pauses and resumes
 * by hand go down, a pause after an error does not.
 */
export class WaitedChildren {
  readonly #owner: ChildOwner;
  /** Ids of the runs by the key of the step that waits. */
  readonly #byStep = new Map<string, string>();
  #starting = 0;
  #paused = false;

  constructor(owner: ChildOwner) {
    this.#owner = owner;
  }

  get starting(): number {
    return this.#starting;
  }

  /** After a take-over: what is waited for may not have been started. */
  adopt(): void {
    this.#paused = this.#owner.state.pause?.reason === 'request';
    for (const scope of scopesOf(this.#owner.state)) {
      for (const [index, at] of scope.steps.entries()) {
        if (at.waiting !== null && childOf(at.waiting) !== null) this.#await(keyOf(scope, index), at.waiting.data);
      }
    }
  }

  /** Looks at an event that the state has taken in. */
  see(event: NewRunEvent): void {
    if (event.type === 'step_waiting') {
      if (event.kind === 'child') this.#await(event.step, event.data ?? null);
      else this.#byStep.delete(event.step);
    } else if (this.#byStep.size > 0) {
      this.#seeOther(event);
    }
  }

  #seeOther(event: NewRunEvent): void {
    switch (event.type) {
      case 'step_completed':
        this.#byStep.delete(event.step);
        break;
      case 'step_failed':
      case 'step_retrying':
      case 'step_cancelled':
      case 'step_skipped':
        this.#relay(this.#forget([event.step]), requestCancel);
        break;
      case 'run_pausing':
      case 'run_paused':
        if (event.reason !== 'request' || this.#paused) break;
        this.#paused = true;
        this.#relay([...this.#byStep.values()], requestHold);
        break;
      case 'run_resumed':
        this.#paused = false;
        this.#relay([...this.#byStep.values()], requestRelease);
        break;
      case 'run_reopened':
        this.#relay(this.#forget(this.#within(event.reset)), requestCancel);
        break;
      default:
        break;
    }
  }

  /** Takes these steps out; answers the runs that they waited for. */
  #forget(steps: readonly string[]): string[] {
    const children = steps.flatMap((step) => this.#byStep.get(step) ?? []);
    for (const step of steps) this.#byStep.delete(step);
    return children;
  }

  /** Steps that wait for a run and are among these, or inside of them. */
  #within(ids: readonly string[]): string[] {
    const roots = new Set(ids);
    return [...this.#byStep.keys()].filter((step) => roots.has(rootOfKey(step)));
  }

  #await(step: string, data: Json): void {
    const plan = plannedChild(data);
    if (plan === null) return;
    this.#byStep.set(step, String(plan.run_id));
    this.#starting++;
    this.#owner.whenWritten(() => void this.#start(step, plan));
  }

  async #start(step: string, plan: JsonObject): Promise<void> {
    const { ids, runtime } = this.#owner;
    while (!this.#owner.over) {
      try {
        const started = await startChild({ ...ids, stepKey: step }, plan, null);
        if ('error' in started) this.#refuse(step, started.error);
        else if (this.#paused) this.#relay([started.run_id], requestHold);
        break;
      } catch (error) {
        runtime.log.warn('A run cannot be started for a step that waits for it; trying again', { run: ids.runId, step, error });
        await pause(RETRY_MS);
      }
    }
    this.#starting--;
    if (!this.#owner.over) this.#owner.goOn();
  }

  #refuse(step: string, error: RunError): void {
    if (this.#owner.over) return;
    const failed = childRefused(this.#owner.state, step, error, Date.now());
    if (failed !== null) this.#owner.record(failed);
  }

  /** Passes a wish on. One that has ended meanwhile refuses it, which is fine. */
  #relay(runIds: readonly string[], wish: Wish): void {
    if (runIds.length === 0) return;
    const { ids, runtime } = this.#owner;
    const { workspaceId } = ids;
    const { catalog } = runtime.steps;
    this.#owner.whenWritten(() => {
      for (const runId of runIds) {
        wish({ workspaceId, runId, catalog }).catch((error) =>
          runtime.log.warn('A run could not be told what became of the one that waits for it', { run: runId, reason: errorMessage(error) }),
        );
      }
    });
  }
}
