import type { Definition } from '#lib/workflow/definition.ts';
import { Chance } from './chance.ts';
import { drawWorkflow, type Fate } from './draw-workflow.ts';

/**
 * What happens in a simulation, drawn from its seed: workflows, runs of them, what people and programs ask of those, and the
 * faults. Each piece has a name, so that a failure can be told again without the pieces that it does not need.
 */
export interface Plan {
  readonly seed: number;
  readonly workflows: readonly PlannedWorkflow[];
  readonly workers: readonly PlannedWorker[];
  readonly runs: readonly PlannedRun[];
  readonly wishes: readonly PlannedWish[];
  readonly faults: readonly PlannedFault[];
  /** True where the outcome of every run follows from its definition, whatever the order and the faults. */
  readonly certain: boolean;
}

export interface PlannedWorkflow {
  readonly definition: Definition;
  /** By step id. */
  readonly fates: Readonly<Record<string, Fate>>;
}

export interface PlannedWorker {
  readonly queues: readonly string[];
  readonly slots: number;
  readonly lanes: number;
}

export interface PlannedRun {
  readonly name: string;
  /** Milliseconds after the beginning, like every time here. */
  readonly at: number;
  readonly workflow: number;
  readonly flag: boolean;
  readonly list: readonly number[];
}

export const WISHES = [
  'cancel',
  'rollback',
  'pause',
  'resume',
  'restart',
  'restart from',
  'resume from',
  'retry',
  'event',
  'decide',
] as const;
export type WishKind = (typeof WISHES)[number];

export interface PlannedWish {
  readonly name: string;
  readonly at: number;
  readonly run: string;
  readonly kind: WishKind;
  /** Picks a step, an approval, or the payload of an event. */
  readonly pick: number;
  /** It is sent twice, as by a caller whose answer was lost. */
  readonly twice: boolean;
}

export const FAULTS = [
  'kill',
  'kill before a statement',
  'kill after a statement',
  'stall at a statement',
  'cut at a statement',
  'stall',
  'partition',
  'retire',
  'lose a statement',
  'lose an answer',
  'cut the lock',
  'lose hints',
  'double hints',
  'lose jobs',
  'double jobs',
  'late hints',
  'clock',
  'clock of the database',
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface PlannedFault {
  readonly name: string;
  readonly kind: FaultKind;
  /** Milliseconds; for those that strike a statement its number among those that matter to runs. */
  readonly at: number;
  readonly worker: number;
  /** How long it lasts, in milliseconds; for a clock how far it jumps. */
  readonly span: number;
}

/** When faults are over and people begin to bring everything to its end. */
export const CALM = 25_000;

const WISH_WEIGHTS: Readonly<Record<WishKind, number>> = {
  cancel: 3,
  rollback: 2,
  pause: 5,
  resume: 4,
  restart: 2,
  'restart from': 3,
  'resume from': 4,
  retry: 3,
  event: 14,
  decide: 8,
};

const FAULT_WEIGHTS: Readonly<Record<FaultKind, number>> = {
  kill: 4,
  'kill before a statement': 5,
  'kill after a statement': 8,
  'stall at a statement': 7,
  'cut at a statement': 7,
  stall: 2,
  partition: 2,
  retire: 3,
  'lose a statement': 5,
  'lose an answer': 8,
  'cut the lock': 2,
  'lose hints': 3,
  'double hints': 2,
  'lose jobs': 2,
  'double jobs': 1,
  'late hints': 2,
  clock: 3,
  'clock of the database': 1,
};

/** Faults that strike a statement. */
export const STRIKES: readonly FaultKind[] = [
  'kill before a statement',
  'kill after a statement',
  'stall at a statement',
  'cut at a statement',
  'lose a statement',
  'lose an answer',
];

/** `kinds` names the only faults that there may be, and then there are some. */
export function drawPlan(seed: number, kinds?: readonly FaultKind[]): Plan {
  const chance = new Chance(seed, 'plan');
  const certain = chance.percent(15);
  const workflows: PlannedWorkflow[] = [];
  const count = chance.int(1, 3);
  for (let index = 0; index < count; index++) workflows.push(drawWorkflow(chance, index, certain));
  const workers = drawWorkers(chance);
  const runs = Array.from({ length: chance.int(1, 6) }, (_, index): PlannedRun => {
    const at = chance.percent(40) ? chance.int(0, 20) : chance.int(0, 8000);
    const list = Array.from({ length: chance.int(0, 4) }, (__, number) => number);
    return { name: `r${index}`, at, workflow: chance.int(0, count - 1), flag: chance.percent(50), list };
  });
  const wishes = certain ? [] : drawWishes(chance, runs);
  return { seed, workflows, workers, runs, wishes, faults: drawFaults(chance, workers.length, kinds), certain };
}

function drawWorkers(chance: Chance): PlannedWorker[] {
  const alone = chance.percent(15);
  return Array.from({ length: alone ? 1 : chance.int(2, 3) }, (_, index) => {
    const served = chance.pick([['default', 'far'], ['default'], ['far', 'default'], ['default']]);
    return {
      queues: index === 0 ? (alone ? ['default', 'far'] : ['default']) : index === 1 ? ['default', 'far'] : served,
      slots: chance.int(1, 6),
      lanes: chance.int(1, 4),
    };
  });
}

function drawWishes(chance: Chance, runs: readonly PlannedRun[]): PlannedWish[] {
  return Array.from({ length: chance.int(0, 8) }, (_, index): PlannedWish => {
    const run = chance.pick(runs);
    const at = run.at + (chance.percent(60) ? chance.int(0, 1500) : chance.int(0, 20_000));
    return {
      name: `w${index}`,
      at,
      run: run.name,
      kind: chance.weighted(WISH_WEIGHTS),
      pick: chance.int(0, 1000),
      twice: chance.percent(25),
    };
  });
}

function drawFaults(chance: Chance, workers: number, kinds?: readonly FaultKind[]): PlannedFault[] {
  const most = chance.percent(10) && kinds === undefined ? 0 : chance.int(1, 7);
  return Array.from({ length: most }, (_, index): PlannedFault => {
    const kind = kinds === undefined ? chance.weighted(FAULT_WEIGHTS) : chance.pick(kinds);
    const at = STRIKES.includes(kind)
      ? chance.int(1, chance.pick([30, 120, 400]))
      : chance.percent(60)
        ? chance.int(0, 3000)
        : chance.int(0, CALM);
    const jumps = kind === 'clock' || kind === 'clock of the database';
    const span = jumps ? chance.int(-120_000, 120_000) : chance.percent(40) ? chance.int(1, 1500) : chance.int(1500, 9000);
    return {
      name: `f${index}`,
      kind,
      at,
      worker: chance.int(0, workers - 1),
      span: kind === 'clock of the database' ? Math.trunc(span / 40) : span,
    };
  });
}

/** The plan without these pieces (runs, wishes, faults, or steps as `0.s3`). */
export function without(plan: Plan, names: ReadonlySet<string>): Plan {
  const runs = plan.runs.filter((one) => !names.has(one.name));
  return {
    ...plan,
    runs,
    wishes: plan.wishes.filter((one) => !names.has(one.name) && runs.some((run) => run.name === one.run)),
    faults: plan.faults.filter((one) => !names.has(one.name)),
    workflows: plan.workflows.map((one, index) => withoutSteps(one, index, names)),
  };
}

function withoutSteps(workflow: PlannedWorkflow, index: number, names: ReadonlySet<string>): PlannedWorkflow {
  const { definition } = workflow;
  const kept = definition.steps.filter((step) => !names.has(`${index}.${step.id}`));
  if (kept.length === definition.steps.length || kept.length === 0) return workflow;
  const ids = new Set(kept.map((step) => step.id));
  const steps = kept.map((step) => {
    const depends = step.depends_on?.filter((one) => ids.has(typeof one === 'string' ? one : one.step));
    const context = step.context_from?.filter((id) => ids.has(id));
    const { fallback_step: fallback, min_success: min, context_from: _, ...rest } = step;
    return {
      ...rest,
      ...(depends === undefined ? {} : { depends_on: depends }),
      ...(context === undefined || context.length === 0 ? {} : { context_from: context }),
      ...(fallback != null && ids.has(fallback) ? { fallback_step: fallback } : {}),
      ...(fallback != null && !ids.has(fallback) ? { on_error: 'fail' as const } : {}),
      ...(min === undefined ? {} : { min_success: Math.max(1, Math.min(min, depends?.length ?? 1)) }),
    };
  });
  return { ...workflow, definition: { ...definition, steps } };
}

/** Names of all pieces that can be left out. */
export function piecesOf(plan: Plan): string[] {
  const steps = plan.workflows.flatMap(({ definition }, index) => definition.steps.map((step) => `${index}.${step.id}`));
  return [...plan.faults, ...plan.wishes, ...plan.runs].map((one) => one.name).concat(steps);
}
