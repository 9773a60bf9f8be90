import type { NewRunEvent, RunStatus } from '#lib/engine/events.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { isSettled } from './readiness.ts';
import { isFinal, type RunState } from './state.ts';

/**
 * Running again under the same id. A reopened run keeps its earlier results: the *carried* set is every step that is
 * not reset. Append the event, apply it, then `advance`.
 */
export type ReopenRequest = {
  readonly kind: 'resume' | 'restart';
  /** The first step that runs again. A restart without it runs everything again. */
  readonly fromStep: string | null;
};

export type ReopenPlan =
  | { readonly ok: true; readonly event: Extract<NewRunEvent, { type: 'run_reopened' }> }
  | { readonly ok: false; readonly code: 'unknown_step' | 'wrong_status'; readonly message: string };

/** From which statuses each kind is allowed; a restart is from any. A plain resume is `resumeRun`, not this. */
const RESUMABLE: readonly RunStatus[] = ['paused', 'failed', 'cancelled'];

/**
 * Plans a resume from a step, or a restart. What was in flight belongs to the old execution: the shell stops it and
 * drops what it still reports.
 */
export function planReopen(state: RunState, request: ReopenRequest, now: number): ReopenPlan {
  const { kind, fromStep } = request;
  const from = fromStep === null ? null : state.graph.byId.get(fromStep);
  if (from === undefined) return { ok: false, code: 'unknown_step', message: `Step '${fromStep}' doesn't exist` };
  if (kind === 'resume' && (from === null || !RESUMABLE.includes(state.status) || state.inFlight > 0)) {
    const message = `A run can be resumed from a step while it is paused, failed or cancelled; this one is ${state.status}`;
    return { ok: false, code: 'wrong_status', message };
  }
  const again = after(state.graph, from === null ? state.graph.steps.map((step) => step.index) : [from.index]);
  if (from !== null) addCutOff(state, again);
  const reset = [...again].sort((a, b) => a - b).map((index) => state.graph.steps[index]?.id ?? '');
  return { ok: true, event: { type: 'run_reopened', kind, from_step: fromStep, reset, at: now } };
}

/**
 * Adds what the end of the run cut off: steps that a cancel ended or that never ended have no result to keep, so they
 * get their turn; else a join after them could never be met again. What `cancel_rest` ended stays ended: there nothing
 * that is still to come hangs on it.
 */
function addCutOff(state: RunState, again: Set<number>): void {
  const isCutOff = (index: number): boolean => {
    const at = state.steps[index];
    if (at === undefined || again.has(index)) return false;
    return at.status === 'cancelled' || at.skipReason === 'cancelled' || (isFinal(state.status) && !isSettled(at.status));
  };
  const open = state.graph.steps
    .filter((step) => isCutOff(step.index) && (step.outgoing.length === 0 || step.outgoing.some((edge) => again.has(edge.to))))
    .map((step) => step.index);
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (again.has(index)) continue;
    for (const edge of state.graph.steps[index]?.incoming ?? []) if (isCutOff(edge.from)) open.push(edge.from);
    again.add(index);
  }
}

/** These steps and everything after them: along edges, to their fallbacks, and past the steps a fallback stands in for. */
function after(graph: Graph, first: readonly number[]): Set<number> {
  const found = new Set<number>();
  const open = [...first];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const step = graph.steps[index];
    if (step === undefined || found.has(index)) continue;
    found.add(index);
    for (const edge of step.outgoing) open.push(edge.to);
    if (step.fallback !== null) open.push(step.fallback);
    // Those keep their failure, but what follows them hangs on this step's result.
    for (const user of step.fallbackFor) for (const edge of graph.steps[user]?.outgoing ?? []) open.push(edge.to);
  }
  return found;
}
