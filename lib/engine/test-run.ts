import { z } from 'zod';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { compileGraph, type Graph } from '#lib/workflow/graph.ts';
import { type StepCatalog, type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { apply } from './apply.ts';
import { advance, type Work } from './decide.ts';
import type { NewRunEvent, RunError } from './events.ts';
import { placeOf, stepAt, stepState } from './scope.ts';
import { initialState, type RunState, type StepState } from './state.ts';

/** What the tests of this room share: a catalog of its own, and a shell without processes, moved by hand. */

/** A step type that promises nothing; each test makes of it what it needs. */
export const plainStep: StepDefinition = {
  type: 'work',
  title: 'Work',
  summary: 'For tests',
  category: 'action',
  icon: 'box',
  docs: '',
  config: stepConfig(() => z.record(z.string(), z.json()) as z.ZodType<JsonObject>),
  initialConfig: {},
  branches: () => [],
  describe: () => '',
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: [],
  rawKeys: [],
  exampleOutput: null,
};

export const testCatalog: StepCatalog = {
  work: plainStep,
  check: { ...plainStep, type: 'check', branches: () => ['true', 'false'] },
  once: { ...plainStep, type: 'once', onCrash: () => 'ask' },
  each: {
    ...plainStep,
    type: 'each',
    body: { items: 'items', steps: 'steps', output: 'output', while: 'while', breakWhen: 'break_when', mode: 'mode' },
  },
};

type Rest = Omit<Parameters<typeof compileGraph>[0], 'name' | 'steps'>;

/** A graph from steps written as `{ id, depends_on, … }`; the type is `work` where none is said. */
export function graphOf(steps: readonly (Partial<Step> & { id: string })[], rest: Rest = {}): Graph {
  return compileGraph({ name: 'test', ...rest, steps: steps.map((step) => ({ type: 'work', ...step })) }, testCatalog);
}

/** Answers a condition: a value, or an error by throwing. `iteration` is that of `while` and `break_when`. */
export type Conditions = (expression: string, state: RunState, iteration: number | undefined) => boolean;

type LooseStep = Partial<Step> & { id: string };

/** A step that repeats `steps` for each item, or while its condition holds. */
export function each(
  id: string,
  config: { readonly steps: readonly LooseStep[]; readonly [key: string]: Json | readonly LooseStep[] },
  rest: Partial<Step> = {},
): LooseStep {
  const steps = config.steps.map((step) => ({ type: 'work', ...step }));
  return { id, type: 'each', ...rest, config: { ...(config as JsonObject), steps: steps as unknown as Json } };
}

/** Drives a run as a worker does, one move at a time. Every event it sees is in `journal`, in order. */
export class TestRun {
  readonly graph: Graph;
  readonly state: RunState;
  readonly journal: NewRunEvent[] = [];
  /** Ids of steps that were started, once for each start. */
  readonly starts: string[] = [];
  readonly works: Work[] = [];
  now = 1000;
  wakeAt: number | null = null;
  readonly #conditions: Conditions;

  constructor(graph: Graph, conditions: Conditions = () => true, state: RunState = initialState(graph)) {
    this.graph = graph;
    this.state = state;
    this.#conditions = conditions;
  }

  step(id: string): StepState {
    const at = stepState(this.state, id);
    if (at === undefined) throw new Error(`No step '${id}'`);
    return at;
  }

  /** Applies what has happened, then everything that follows from it. */
  on(...events: NewRunEvent[]): this {
    for (const event of events) {
      apply(this.state, event);
      this.journal.push(event);
    }
    return this.go();
  }

  go(): this {
    const { events, work, wakeAt } = advance(this.state, this.now);
    this.journal.push(...events);
    this.wakeAt = wakeAt;
    this.works.push(...work);
    for (const one of work) this.#perform(one);
    return this;
  }

  #perform(work: Work): void {
    const { step } = work;
    if (work.kind === 'start') {
      this.starts.push(step);
      const { attempt, execution } = work;
      this.on(this.#opening(work) ?? { type: 'step_started', step, attempt, execution, at: this.now });
    } else if (work.kind === 'evaluate') {
      const { condition, iteration, expression } = work;
      const asked = { step, condition, at: this.now, ...(iteration === undefined ? {} : { iteration }) };
      this.on({ type: 'condition_evaluated', ...asked, ...this.#evaluate(expression, iteration) });
    }
  }

  /** A step with a body opens at once, with the items of its config. */
  #opening({ step, attempt }: Extract<Work, { kind: 'start' }>): NewRunEvent | null {
    const place = placeOf(this.state, step);
    const found = place && stepAt(place.scope, place.index).step;
    if (!found || found.body === null) return null;
    const { items, max_iterations: most, concurrency: several } = found.config;
    const list = Array.isArray(items) ? (items as readonly Json[]) : null;
    const limit = list?.length ?? (typeof most === 'number' ? most : 100);
    const concurrency = typeof several === 'number' ? several : 1;
    return { type: 'loop_opened', step, attempt, items: list, limit, concurrency, started_at: this.now, at: this.now };
  }

  #evaluate(expression: string, iteration: number | undefined): { value: boolean } | { error: RunError } {
    try {
      return { value: this.#conditions(expression, this.state, iteration) };
    } catch (thrown) {
      return { error: { code: 'CONDITION_EVALUATION_ERROR', message: String(thrown) } };
    }
  }

  complete(step: string, output: Json = null, branch?: string): this {
    const { attempt, startedAt } = this.step(step);
    const end = { step, attempt, output, at: this.now, started_at: startedAt ?? this.now };
    return this.on({ type: 'step_completed', ...end, ...(branch === undefined ? {} : { branch }) });
  }

  fail(step: string, code = 'FAILED'): this {
    const { attempt, startedAt } = this.step(step);
    return this.on({ type: 'step_failed', step, attempt, error: { code, message: code }, at: this.now, started_at: startedAt });
  }

  /** Statuses in definition order; a skip shows its reason. */
  get statuses(): Record<string, string> {
    return Object.fromEntries(
      this.graph.steps.map((step) => {
        const at = this.step(step.id);
        return [step.id, at.skipReason === null ? at.status : `skipped: ${at.skipReason}`];
      }),
    );
  }
}

/** A run that has begun with the loop `l`, and with what comes after. */
export function runLoop(config: Parameters<typeof each>[1], rest: Partial<Step> = {}, after: readonly LooseStep[] = []): TestRun {
  return new TestRun(graphOf([each('l', config, rest), ...after])).go();
}

/** Keys of the steps that run, those that iterate left out. */
export function runningIn(run: TestRun): string[] {
  return [...new Set(run.starts)].filter((key) => {
    const at = stepState(run.state, key);
    return at?.status === 'running' && at.loop === null;
  });
}
