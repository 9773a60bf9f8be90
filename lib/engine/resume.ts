import { jsonEqual } from '#lib/base/json.ts';
import type { NewRunEvent, RunStatus } from '#lib/engine/events.ts';
import type { Step } from '#lib/workflow/definition.ts';
import type { Graph } from '#lib/workflow/graph.ts';
import { stepsAfter } from './after.ts';
import { drawnGraph } from './called-steps.ts';
import { isSettled } from './readiness.ts';
import { isFinal, type RunState, type StepState } from './state.ts';
import { isUndone } from './undo.ts';

/**
 * Running again under the same id. A reopened run keeps its earlier results: the *carried* set is every step that is
 * not reset. Append the event, apply it (to a state of the graph it goes on with), then `advance`.
 */
export interface ReopenRequest {
  /** `retry` runs again what failed, as a resume. */
  readonly kind: 'resume' | 'restart' | 'retry';
  /** The first step that runs again. A restart without it runs everything again. */
  readonly fromStep: string | null;
  /** Goes on with the definition of this version: allowed where every carried step says the same there. */
  readonly onto?: { readonly graph: Graph; readonly version: number | null };
}

export interface ReopenAccepted {
  readonly ok: true;
  readonly event: Extract<NewRunEvent, { type: 'run_reopened' }>;
  /** Ids of the steps whose results stay. */
  readonly kept: readonly string[];
}

export interface Refusal {
  readonly ok: false;
  readonly code: 'unknown_step' | 'wrong_status' | 'changed_steps' | 'nothing_failed' | 'runs_again';
  /** Of a fork: the step whose given output is the fault. */
  readonly output?: string;
  readonly message: string;
}

/** From which statuses each kind is allowed; a restart is from any. A plain resume is `resumeRun`, not this. */
const ALLOWED: Readonly<Record<ReopenRequest['kind'], readonly RunStatus[] | null>> = {
  resume: ['paused', 'failed', 'cancelled'],
  retry: ['failed', 'cancelled'],
  restart: null,
};

/**
 * Plans a resume from a step, a retry of what failed, or a restart. What was in flight belongs to the old execution: the
 * shell stops it and drops what it still reports.
 */
export function planReopen(state: RunState, request: ReopenRequest, now: number): ReopenAccepted | Refusal {
  const { kind, fromStep, onto } = request;
  if (state.trial !== null) {
    return { ok: false, code: 'wrong_status', message: 'A test run is not run again under its id; start another test from the editor' };
  }
  const graph = onto?.graph ?? drawnGraph(state.graph);
  const from = fromStep === null ? null : graph.byId.get(fromStep);
  const call = from === undefined ? state.graph.byId.get(fromStep ?? '')?.call : null;
  if (call != null) return calledByCode(fromStep, state.graph.steps[call.by]?.id ?? '');
  if (from === undefined) return { ok: false, code: 'unknown_step', message: `Step '${fromStep}' doesn't exist` };
  const allowed = ALLOWED[kind];
  const plain = kind === 'resume' && from === null && (onto === undefined || state.status !== 'paused');
  if (plain || (allowed !== null && (!allowed.includes(state.status) || state.inFlight > 0))) return wrongStatus(state, kind);
  const first = firstAgain(state, graph, request, from?.index ?? null);
  if (kind === 'retry' && first.length === 0) {
    return { ok: false, code: 'nothing_failed', message: 'No step of this run failed or was cancelled; restart it instead' };
  }
  const again = stepsAfter(graph, first);
  const all = again.size === graph.steps.length;
  if (!all) addCutOff(state, graph, again);
  const carried = graph.steps.filter((step) => !again.has(step.index) && isCarried(state, step.id));
  const changed = onto === undefined ? [] : carried.filter((step) => !saysTheSame(state.graph.byId.get(step.id)?.source, step.source));
  if (changed.length > 0)
    return changedSteps(
      changed.map((step) => step.id),
      onto?.version ?? null,
    );
  const reset = [...again].sort((a, b) => a - b).map((index) => graph.steps[index]?.id ?? '');
  const event: ReopenAccepted['event'] = {
    type: 'run_reopened',
    kind: kind === 'restart' ? 'restart' : 'resume',
    from_step: fromStep,
    reset,
    at: now,
    ...(onto === undefined ? {} : { version: onto.version }),
  };
  return { ok: true, event, kept: carried.filter((step) => stateOf(state, step.id)?.status === 'completed').map((step) => step.id) };
}

/** The steps from which everything after them runs again. */
function firstAgain(state: RunState, graph: Graph, { kind }: ReopenRequest, from: number | null): number[] {
  const where = (wanted: (at: StepState, handled: boolean) => boolean): number[] =>
    graph.steps.flatMap((step) => {
      const at = stateOf(state, step.id);
      return at !== undefined && wanted(at, step.fallback !== null || step.hasErrorEdge || step.onError === 'continue') ? [step.index] : [];
    });
  // The effects of an undone step are gone, so its result can't stay.
  const undone = where(isUndone);
  if (kind === 'retry') {
    const failed = where(
      (at, handled) => (at.status === 'failed' && !handled) || at.status === 'cancelled' || at.skipReason === 'cancelled',
    );
    return [...failed, ...undone];
  }
  if (from === null) return kind === 'restart' ? graph.steps.map((step) => step.index) : undone;
  const inFlight = kind === 'restart' ? where((at) => at.taken !== null || (at.status === 'running' && at.remote === null)) : [];
  return [from, ...inFlight, ...undone];
}

function calledByCode(id: string | null, by: string): Refusal {
  const message = `Step '${id}' is one that the code of '${by}' asks for; run again from '${by}', which runs the code from its beginning`;
  return { ok: false, code: 'unknown_step', message };
}

function wrongStatus(state: RunState, kind: ReopenRequest['kind']): Refusal {
  const when =
    kind === 'retry'
      ? 'run again what failed once it has failed or was cancelled'
      : 'be resumed from a step while it is paused, failed or cancelled';
  return { ok: false, code: 'wrong_status', message: `A run can ${when}; this one is ${state.status}` };
}

function changedSteps(ids: readonly string[], version: number | null): Refusal {
  const where = version === null ? 'the draft' : `version ${version}`;
  const names = ids.slice(0, 5).map((id) => `'${id}'`);
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : '';
  const message = `The results of ${names.join(', ')}${more} would be kept, but ${where} says something else there. Resume from such a step or before it, or fork the run.`;
  return { ok: false, code: 'changed_steps', message };
}

function stateOf(state: RunState, id: string): StepState | undefined {
  const index = state.graph.byId.get(id)?.index;
  return index === undefined ? undefined : state.steps[index];
}

/** Anything has happened to it that goes on with the run. */
function isCarried(state: RunState, id: string): boolean {
  const at = stateOf(state, id);
  return at !== undefined && at.status !== 'pending';
}

/** Equal but for its place on the canvas and its name. */
export function saysTheSame(before: Step | undefined, after: Step): boolean {
  if (before === undefined) return false;
  const essence = ({ position: _position, name: _name, ...rest }: Step) => JSON.parse(JSON.stringify(rest));
  return jsonEqual(essence(before), essence(after));
}

/**
 * Adds what the end of the run cut off: steps that a cancel ended or that never ended have no result to keep, so they
 * get their turn; else a join after them could never be met again. What `cancel_rest` ended stays ended: there nothing
 * that is still to come hangs on it.
 */
function addCutOff(state: RunState, graph: Graph, again: Set<number>): void {
  const isCutOff = (index: number): boolean => {
    const at = stateOf(state, graph.steps[index]?.id ?? '');
    if (at === undefined || again.has(index)) return false;
    return at.status === 'cancelled' || at.skipReason === 'cancelled' || (isFinal(state.status) && !isSettled(at.status));
  };
  const open = graph.steps
    .filter((step) => isCutOff(step.index) && (step.outgoing.length === 0 || step.outgoing.some((edge) => again.has(edge.to))))
    .map((step) => step.index);
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (again.has(index)) continue;
    for (const edge of graph.steps[index]?.incoming ?? []) if (isCutOff(edge.from)) open.push(edge.from);
    again.add(index);
  }
}
