import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Definition, Dependency, Step } from '#lib/workflow/definition.ts';
import { LOOP_MODES } from '#lib/workflow/step-type.ts';
import type { Chance } from './chance.ts';
import { workflowId } from './names.ts';
import type { PlannedWorkflow } from './plan.ts';
import { BEGINNING } from './world.ts';

/** What becomes of a step whenever it is executed. */
export interface Fate {
  /** Milliseconds that it takes; 0: it ends at once, without a promise. */
  readonly takes: number;
  /** Of the calls with one idempotency key, so many of the first fail. */
  readonly failures: number;
  readonly throws: boolean;
  /** It says something while it works. */
  readonly talks: boolean;
  /** It does not stop when it is asked to. */
  readonly stubborn: boolean;
}

const KINDS = {
  work: 30,
  once: 7,
  far: 9,
  condition: 7,
  transform: 7,
  duration: 8,
  until: 2,
  event: 8,
  'wait for a condition': 4,
  approval: 6,
  workflow: 7,
  list: 8,
  while: 4,
} as const;
type Kind = keyof typeof KINDS;
/** Kinds whose outcome depends on nothing but the definition, and those that an iteration may have. */
const CERTAIN: readonly Kind[] = ['work', 'far', 'condition', 'transform', 'duration', 'workflow', 'list', 'while'];
const INNER: readonly Kind[] = ['work', 'work', 'once', 'far', 'condition', 'transform', 'duration', 'event', 'approval', 'workflow'];

type LooseStep = Step;

class Drawing {
  readonly chance: Chance;
  readonly certain: boolean;
  readonly workflow: number;
  readonly fates: Record<string, Fate> = {};

  constructor(chance: Chance, workflow: number, certain: boolean) {
    this.chance = chance;
    this.workflow = workflow;
    this.certain = certain;
  }

  kind(): Kind {
    for (;;) {
      const kind = this.chance.weighted(KINDS);
      if (kind === 'workflow' && this.workflow === 0) continue;
      if (!this.certain || CERTAIN.includes(kind)) return kind;
    }
  }

  inner(): Kind {
    for (;;) {
      const kind = this.chance.pick(INNER);
      if (kind === 'workflow' && this.workflow === 0) continue;
      if (!this.certain || CERTAIN.includes(kind)) return kind;
    }
  }

  /** A step of that kind; `depth` counts the loops around it. */
  step(id: string, kind: Kind, depth: number, others: readonly string[]): LooseStep {
    const { chance } = this;
    switch (kind) {
      case 'work':
      case 'once':
      case 'far':
        return this.#executed(id, kind);
      case 'condition':
        return { id, type: 'condition', config: { expression: chance.pick(['input.flag', 'input.flag = false']) } };
      case 'transform':
        return { id, type: 'transform', config: { fields: { flag: '{{ input.flag }}', by: id } } };
      case 'duration':
        return { id, type: 'wait', config: { duration: chance.pick(['20ms', '300ms', '2s', '2s', '33s']) } };
      case 'until':
        return { id, type: 'wait', config: { until: new Date(BEGINNING + chance.int(2000, 40_000)).toISOString() } };
      case 'event': {
        const match = chance.percent(40) ? { match: chance.pick(['event.n > 300', 'event.n >= 0']) } : {};
        return { id, type: 'wait', config: { event_type: chance.pick(['a', 'b']), timeout: chance.pick(['3s', '20s', '35s']), ...match } };
      }
      case 'wait for a condition': {
        const condition = `steps.${others[0] ?? id}.status = "completed"`;
        return { id, type: 'wait', config: { condition, interval: '1s', timeout: chance.pick(['4s', '20s']) } };
      }
      case 'approval':
        return {
          id,
          type: 'approval',
          config: { message: 'Go on?', ...(chance.percent(60) ? { timeout: chance.pick(['2s', '33s']) } : {}) },
        };
      case 'workflow': {
        const config = { workflow_id: workflowId(chance.int(0, this.workflow - 1)), input: { flag: chance.percent(50), list: [0, 1] } };
        const wait = this.certain || chance.percent(85) ? {} : { wait: false };
        return { id, type: 'workflow', config: { ...config, ...wait }, ...(this.certain || chance.percent(80) ? {} : { timeout: '3s' }) };
      }
      case 'list':
      case 'while':
        return this.#loop(id, kind, depth);
    }
  }

  #executed(id: string, kind: 'work' | 'once' | 'far'): LooseStep {
    const { chance } = this;
    const attempts = chance.pick([1, 1, 2, 3]);
    const fails = chance.pick([0, 0, 0, 0, 1, 1, 1000]);
    const failures = this.certain && fails < 1000 && fails >= attempts ? 0 : fails;
    this.fates[id] = {
      takes: chance.pick([0, 0, 1, 3, 30, 150, 400, 2500]),
      failures,
      throws: chance.percent(20),
      talks: chance.percent(15),
      stubborn: chance.percent(15),
    };
    const timeout = !this.certain && chance.percent(8) ? { timeout: '500ms' } : {};
    const retry = attempts === 1 ? {} : { retry: { max_attempts: attempts, delay: chance.pick(['10ms', '200ms', '1s', '5s']) } };
    const undo = chance.percent(12) ? { undo: { type: 'work', config: { of: id } } } : {};
    return {
      id,
      type: kind === 'once' ? 'once' : 'work',
      config: { of: id },
      ...(kind === 'far' ? { queue: 'far' } : {}),
      ...retry,
      ...timeout,
      ...undo,
    };
  }

  #loop(id: string, kind: 'list' | 'while', depth: number): LooseStep {
    const { chance } = this;
    const inside = depth === 0 && chance.percent(25) ? [this.#loop(`${id}n`, 'list', 1)] : this.#body(id);
    const mode = this.certain ? 'all_settled' : chance.pick(LOOP_MODES);
    const repeats: JsonObject =
      kind === 'while'
        ? { while: `index < ${chance.int(0, 3)}`, max_iterations: 5 }
        : { items: depth === 0 ? '{{ input.list }}' : [0, 1], concurrency: chance.int(1, 3) };
    const breaks = !this.certain && chance.percent(15) ? { break_when: 'index = 1' } : {};
    return { id, type: 'loop', config: { ...repeats, mode, ...breaks, steps: inside as unknown as Json } };
  }

  #body(id: string): LooseStep[] {
    const first = this.step(`${id}a`, this.inner(), 1, []);
    if (this.chance.percent(40)) return [first];
    const second = { ...this.step(`${id}b`, this.inner(), 1, [`${id}a`]), depends_on: [`${id}a`] };
    return [first, this.chance.percent(20) ? { ...second, run_when: 'index > 0' } : second];
  }
}

/** Draws a workflow of a few steps. Its sub-workflows are those of lower numbers. */
export function drawWorkflow(chance: Chance, workflow: number, certain: boolean): PlannedWorkflow {
  const drawing = new Drawing(chance, workflow, certain);
  const count = chance.pick([1, 2, 3, 3, 4, 5, 7, 9]);
  const steps: LooseStep[] = [];
  for (let index = 0; index < count; index++) steps.push(...placed(drawing, index));
  const limited = !certain && chance.percent(22);
  const definition: Definition = {
    name: `workflow ${workflow}`,
    steps,
    ...(!certain && chance.percent(12) ? { on_error: 'pause' as const } : {}),
    ...(!certain && chance.percent(8) ? { timeout: chance.pick(['2s', '20s']) } : {}),
    ...(chance.percent(15) ? { output: 's0' } : {}),
    ...(chance.percent(8) ? { success_policy: { cases: [{ required: ['s0'] }] } } : {}),
    ...(limited
      ? {
          concurrency: {
            limit: chance.int(1, 2),
            on_limit: chance.pick(['queue', 'queue', 'skip'] as const),
            hold_while_waiting: chance.percent(40),
          },
        }
      : {}),
  };
  return { definition, fates: drawing.fates };
}

function placed(drawing: Drawing, index: number): LooseStep[] {
  const { chance, certain } = drawing;
  const id = `s${index}`;
  const sources = index === 0 ? [] : [...new Set(Array.from({ length: chance.int(0, 3) }, () => chance.int(0, index - 1)))];
  const depends = sources.map((source): Dependency => {
    const branch = chance.pick([null, null, null, null, 'true', 'error', 'approved', 'timeout']);
    return branch === null || (certain && branch === 'timeout') ? `s${source}` : { step: `s${source}`, branch };
  });
  const join = certain || sources.length === 0 ? 'all' : chance.pick(['all', 'all', 'all', 'any', 'quorum'] as const);
  const others = sources.length === 0 ? [] : [`s${chance.int(0, index - 1)}`];
  const onError = chance.pick(['fail', 'fail', 'fail', 'continue', 'fallback'] as const);
  const step: LooseStep = {
    ...drawing.step(id, drawing.kind(), 0, others),
    depends_on: depends,
    ...(sources.length > 0 ? { join } : {}),
    ...(join === 'quorum' ? { min_success: chance.int(1, sources.length) } : {}),
    ...(join !== 'all' && chance.percent(50) ? { cancel_rest: true } : {}),
    ...(sources.length > 0 && chance.percent(10) ? { allow_failed_deps: true } : {}),
    ...(sources.length > 0 && chance.percent(10) ? { context_from: [`s${sources[0]}`] } : {}),
    ...(onError === 'fail' ? {} : { on_error: onError }),
    ...(onError === 'fallback' ? { fallback_step: `${id}f` } : {}),
    ...(chance.percent(10) ? { run_when: 'input.flag' } : {}),
    ...(chance.percent(6) ? { skip_when: 'input.flag' } : {}),
    ...(chance.percent(8) ? { priority: chance.int(-1, 1) } : {}),
    ...(chance.percent(4) ? { enabled: false } : {}),
  };
  return onError === 'fallback' ? [step, drawing.step(`${id}f`, 'work', 0, [])] : [step];
}
