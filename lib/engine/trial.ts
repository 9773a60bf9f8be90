import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent, RunError, SkipReason } from '#lib/engine/events.ts';
import type { Graph, GraphStep } from '#lib/workflow/graph.ts';
import { expressionsOf } from '#lib/workflow/step-references.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { handlesFailure } from './readiness.ts';

/** The trigger of a test run, and of what a test run starts. Such runs count in no figure. */
export const TEST_TRIGGER = 'test';

/** How a step ended the last time it ran in a test. */
export interface LastEnd {
  readonly status: 'completed' | 'failed' | 'skipped';
  readonly output: Json;
  readonly branch: string | null;
  readonly error: RunError | null;
  readonly skipReason: SkipReason | null;
}

export interface TrialRequest {
  /** The step that the test is about; null: the whole workflow. */
  readonly target: string | null;
  /** The target alone: nothing else runs, whatever it needs must have a pin or a last result. */
  readonly only: boolean;
  /** Outputs that steps are given instead of running. The target's own is not used: it is to run. */
  readonly pins: ReadonlyMap<string, Json>;
  /** The ends that may be taken over. */
  readonly last: ReadonlyMap<string, LastEnd>;
}

export interface TrialPlan {
  readonly ok: true;
  /** To be journaled after `run_queued`, before anything runs. */
  readonly events: readonly NewRunEvent[];
  /** Ids, in definition order. */
  readonly runs: readonly string[];
  readonly pinned: readonly string[];
  readonly reused: readonly string[];
}

export type TrialRefusal = { readonly ok: false; readonly code: 'unknown_step' | 'no_result'; readonly steps: readonly string[] };

/**
 * Plans a test run. What a target needs is walked against the edges (and to whatever its expressions read), as far as there are
 * pinned outputs and last results; all other steps are skipped. So a test of one step runs that step, and a test up to a
 * step runs what nobody knows the result of.
 */
export function planTrial(graph: Graph, catalog: StepCatalog, request: TrialRequest, now: number): TrialPlan | TrialRefusal {
  const { target, only, pins } = request;
  if (target !== null && !graph.byId.has(target)) return { ok: false, code: 'unknown_step', steps: [target] };
  const given = new Map<number, LastEnd>();
  const runs = new Set<number>();
  const missing = new Set<string>();
  const open = target === null ? graph.steps.map((step) => step.index) : [graph.byId.get(target)?.index ?? -1];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const step = graph.steps[index];
    if (step === undefined || runs.has(index) || given.has(index)) continue;
    const end = step.id === target ? undefined : endOf(step, request);
    if (end !== undefined) given.set(index, end);
    else if (only && step.id !== target) missing.add(step.id);
    else {
      runs.add(index);
      if (target !== null) open.push(...needsOf(graph, catalog, step));
    }
  }
  const aim = graph.byId.get(target ?? '');
  if (only && aim !== undefined && lacks(graph, aim, given, missing)) return { ok: false, code: 'no_result', steps: [...missing] };
  if (only && aim !== undefined) openEdges(aim, given);
  const seeds: NewRunEvent[] = [];
  for (const step of graph.steps) {
    const end = given.get(step.index);
    if (end !== undefined) seeds.push(seedOf(step, end, now));
    else if (!runs.has(step.index)) seeds.push({ type: 'step_skipped', step: step.id, reason: 'not_in_test', at: now });
  }
  const ids = (wanted: (step: GraphStep) => boolean) => graph.steps.filter(wanted).map((step) => step.id);
  const pinned = ids((step) => given.has(step.index) && pins.has(step.id));
  const reused = ids((step) => given.has(step.index) && !pins.has(step.id));
  const trial = { type: 'run_trial', target, pinned, reused, at: now } as const;
  return { ok: true, events: [trial, ...seeds], runs: ids((step) => runs.has(step.index)), pinned, reused };
}

function endOf(step: GraphStep, { pins, last }: TrialRequest): LastEnd | undefined {
  const output = pins.get(step.id);
  if (output !== undefined) {
    // A step that chooses a branch says which in its output.
    const branch = isJsonObject(output) && typeof output.branch === 'string' ? output.branch : null;
    return { status: 'completed', output, branch, error: null, skipReason: null };
  }
  const end = last.get(step.id);
  return end?.status === 'failed' && !handlesFailure(step) ? undefined : end;
}

/** Indexes of all that a step waits for or reads. */
function needsOf(graph: Graph, catalog: StepCatalog, step: GraphStep): number[] {
  const read = expressionsOf(step.source, catalog).references.flatMap(({ root, step: id }) => {
    const index = root === 'steps' && id !== null ? graph.byId.get(id)?.index : undefined;
    return index === undefined || index === step.index ? [] : [index];
  });
  const fallback = step.fallback === null ? [] : [step.fallback];
  const args = step.argsFrom.map(({ from }) => from);
  return [...step.incoming.map((edge) => edge.from), ...step.contextFrom, ...args, ...step.fallbackFor, ...fallback, ...read];
}

/** True where a step can't run alone. A join of some of its dependencies does with those that have a result. */
function lacks(graph: Graph, step: GraphStep, given: ReadonlyMap<number, LastEnd>, missing: Set<string>): boolean {
  if (step.fallback !== null) missing.delete(graph.steps[step.fallback]?.id ?? '');
  if (step.join.kind === 'all') return missing.size > 0;
  const enough = step.join.kind === 'any' ? 1 : step.join.min;
  if (step.incoming.filter((edge) => given.get(edge.from)?.status === 'completed').length < enough) return missing.size > 0;
  for (const edge of step.incoming) missing.delete(graph.steps[edge.from]?.id ?? '');
  return missing.size > 0;
}

/** Whoever runs a step alone wants it to run: a step before it counts as having taken the branch that leads here. */
function openEdges(step: GraphStep, given: Map<number, LastEnd>): void {
  for (const { from, branch } of step.incoming) {
    const end = given.get(from);
    if (end?.status === 'completed' && branch !== null && branch !== 'error') given.set(from, { ...end, branch });
  }
}

function seedOf(step: GraphStep, end: LastEnd, now: number): NewRunEvent {
  const base = { step: step.id, attempt: 1, started_at: now, at: now };
  if (end.status === 'skipped') return { type: 'step_skipped', step: step.id, reason: end.skipReason ?? 'not_taken', at: now };
  if (end.status === 'failed' && end.error !== null) return { ...base, type: 'step_failed', error: end.error };
  return { ...base, type: 'step_completed', output: end.output, ...(end.branch === null ? {} : { branch: end.branch }) };
}
