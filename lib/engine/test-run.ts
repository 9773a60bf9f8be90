import { z } from 'zod';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { compileGraph, type Graph } from '#lib/workflow/graph.ts';
import { type StepCatalog, type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { apply } from './apply.ts';
import { advance, type Work } from './decide.ts';
import type { NewRunEvent, RunError } from './events.ts';
import { initialState, type RunState, type StepState } from './state.ts';

/** What the tests of this room share: a catalog of its own, and a shell without processes, moved by hand. */

const plain: StepDefinition = {
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
  work: plain,
  check: { ...plain, type: 'check', branches: () => ['true', 'false'] },
  once: { ...plain, type: 'once', onCrash: () => 'ask' },
};

type Rest = Omit<Parameters<typeof compileGraph>[0], 'name' | 'steps'>;

/** A graph from steps written as `{ id, depends_on, … }`; the type is `work` where none is said. */
export function graphOf(steps: readonly (Partial<Step> & { id: string })[], rest: Rest = {}): Graph {
  return compileGraph({ name: 'test', ...rest, steps: steps.map((step) => ({ type: 'work', ...step })) }, testCatalog);
}

/** Answers a condition: a value, or an error by throwing. */
export type Conditions = (expression: string, state: RunState) => boolean;

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
    const at = this.state.steps[this.graph.byId.get(id)?.index ?? -1];
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
      this.on({ type: 'step_started', step, attempt, execution, at: this.now });
    } else if (work.kind === 'evaluate') {
      const { condition } = work;
      this.on({ type: 'condition_evaluated', step, condition, at: this.now, ...this.#evaluate(work.expression) });
    }
  }

  #evaluate(expression: string): { value: boolean } | { error: RunError } {
    try {
      return { value: this.#conditions(expression, this.state) };
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
