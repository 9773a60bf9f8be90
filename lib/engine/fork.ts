import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import type { Graph, GraphStep } from '#lib/workflow/graph.ts';
import { stepsAfter } from './after.ts';
import { handlesFailure } from './readiness.ts';
import type { Refusal } from './resume.ts';
import type { RunState, StepState } from './state.ts';
import { isUndone } from './undo.ts';

/** A new run that begins where another one was. */
export interface ForkRequest {
  /** Wire id of the run it is taken from. */
  readonly run: string;
  /** The first step that runs; null: everything runs, but for steps with an output of their own. */
  readonly fromStep: string | null;
  /** Outputs that steps are given instead of running, by id. */
  readonly outputs: ReadonlyMap<string, Json>;
}

export interface ForkPlan {
  readonly ok: true;
  /** To be journaled after `run_queued`, before anything runs. */
  readonly events: readonly NewRunEvent[];
  readonly kept: readonly string[];
  readonly runsAgain: readonly string[];
}

/**
 * Plans a fork of the run `source` on any graph, which may be of another version. Kept is what had ended well and doesn't
 * come after `fromStep`: it is journaled in the new run as if it had happened there, so that the fold needs to know
 * nothing of the old one. What had failed without being handled, was cut off or undone runs again.
 */
export function planFork(source: RunState, target: Graph, request: ForkRequest, now: number): ForkPlan | Refusal {
  const { fromStep, outputs } = request;
  // Its results may be made of pinned outputs, which no other run may ever see.
  if (source.trial !== null) return { ok: false, code: 'wrong_status', message: 'A test run is not forked; start another from the editor' };
  const from = fromStep === null ? null : target.byId.get(fromStep);
  if (from === undefined) return { ok: false, code: 'unknown_step', message: `Step '${fromStep}' doesn't exist` };
  const unknown = [...outputs.keys()].find((id) => !target.byId.has(id));
  if (unknown !== undefined) return { ok: false, code: 'unknown_step', output: unknown, message: `Step '${unknown}' doesn't exist` };
  const again = from === null ? null : stepsAfter(target, [from.index]);
  const late = [...outputs.keys()].find((id) => again?.has(target.byId.get(id)?.index ?? -1));
  if (late !== undefined) {
    return { ok: false, code: 'runs_again', output: late, message: `Step '${late}' runs in the fork, so it can't be given an output` };
  }
  const kept = again === null ? new Set([...outputs.keys()]) : keptSteps(source, target, again, outputs);
  const seeds = target.steps.filter((step) => kept.has(step.id)).map((step) => seedOf(source, step, outputs, now));
  const ids = target.steps.filter((step) => kept.has(step.id)).map((step) => step.id);
  const forked = {
    type: 'run_forked',
    from_run: request.run,
    from_step: fromStep,
    kept: ids,
    changed: [...outputs.keys()],
    at: now,
  } as const;
  return {
    ok: true,
    events: [forked, ...seeds],
    kept: ids,
    runsAgain: target.steps.filter((step) => !kept.has(step.id)).map((step) => step.id),
  };
}

function keptSteps(source: RunState, target: Graph, again: ReadonlySet<number>, outputs: ReadonlyMap<string, Json>): Set<string> {
  const kept = new Set(outputs.keys());
  const weak: GraphStep[] = [];
  for (const step of target.steps) {
    const at = stateOf(source, step.id);
    if (again.has(step.index) || at === undefined || kept.has(step.id)) continue;
    if (at.status === 'completed' && !isUndone(at)) kept.add(step.id);
    else if ((at.status === 'skipped' && at.skipReason !== 'cancelled') || (at.status === 'failed' && handlesFailure(step)))
      weak.push(step);
  }
  for (const step of weak) kept.add(step.id);
  // A skip, or a failure that something handled, stands only on what is kept itself.
  for (let shrinks = true; shrinks; ) {
    shrinks = false;
    for (const step of weak) {
      if (!kept.has(step.id) || outputs.has(step.id)) continue;
      const sources = [...step.incoming.map((edge) => edge.from), ...step.fallbackFor];
      if (sources.every((index) => kept.has(target.steps[index]?.id ?? ''))) continue;
      kept.delete(step.id);
      shrinks = true;
    }
  }
  return kept;
}

function stateOf(state: RunState, id: string): StepState | undefined {
  const index = state.graph.byId.get(id)?.index;
  return index === undefined ? undefined : state.steps[index];
}

/** How a kept step ended, as an event of the new run. */
function seedOf(source: RunState, step: GraphStep, outputs: ReadonlyMap<string, Json>, now: number): NewRunEvent {
  const at = stateOf(source, step.id);
  const base = { step: step.id, attempt: Math.max(1, at?.attempt ?? 1), started_at: now, at: now };
  const given = outputs.get(step.id);
  if (given !== undefined) {
    // A step that chose a branch says which in its output.
    const branch = isJsonObject(given) && typeof given.branch === 'string' ? given.branch : (at?.branch ?? undefined);
    return { ...base, type: 'step_completed', output: given, ...(branch === undefined ? {} : { branch }) };
  }
  if (at?.status === 'skipped') return { type: 'step_skipped', step: step.id, reason: at.skipReason ?? 'not_taken', at: now };
  if (at?.status === 'failed' && at.error !== null) return { ...base, type: 'step_failed', error: at.error };
  return { ...base, type: 'step_completed', output: at?.output ?? null, ...(at?.branch == null ? {} : { branch: at.branch }) };
}
