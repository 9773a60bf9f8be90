import type { SkipReason } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import type { ReadValue } from '#lib/workflow/read-values.ts';
import { conditionText } from './condition-words.ts';
import { isAway } from './counters.ts';
import { explainUnbegun, iterationSentence } from './explain-loop.ts';
import { stopReason } from './explain-stop.ts';
import { waitingSentence } from './explain-wait.ts';
import { list, stopped } from './list-words.ts';
import { continues, type EdgeState, edgeState, isSettled } from './readiness.ts';
import { placeOf } from './scope.ts';
import type { RunState, Scope, StepState } from './state.ts';

/** Why a step ran, was skipped, failed before it began, or has not started: from the same state that decided it. */
export interface Explanation {
  readonly kind: 'ran' | 'skipped' | 'not_started' | 'waiting' | 'pending' | 'cancelled';
  /** For people: one sentence, or a few. */
  readonly sentence: string;
  readonly edges: readonly EdgeFact[];
  /** Ids of the steps it still waits for. */
  readonly waitsFor: readonly string[];
  readonly conditions: readonly ConditionFact[];
}

export interface EdgeFact {
  readonly from: string;
  readonly branch: string | null;
  readonly state: EdgeState;
}

export interface ConditionFact {
  readonly condition: 'skip_when' | 'run_when';
  readonly expression: string;
  /** Null before it was asked. */
  readonly value: boolean | null;
  readonly read: readonly ReadValue[];
}

/** Writes a time in milliseconds for the reader; ISO 8601 in UTC where nothing else is given. */
export type TimeText = (millis: number) => string;

/**
 * Explains the step of this key, also where its iteration has not begun; null where the run can have no such step. O(in-degree).
 * `unserved` are the queues that no live worker serves, as far as known.
 */
export function explainKey(
  state: RunState,
  key: string,
  timeText: TimeText = isoTime,
  unserved: readonly string[] = [],
): Explanation | null {
  const place = placeOf(state, key);
  if (place !== undefined) return explainStep(place.scope, place.index, timeText, unserved);
  const unbegun = explainUnbegun(state, key);
  if (unbegun === null) return null;
  return { kind: unbegun.final ? 'not_started' : 'pending', sentence: unbegun.sentence, edges: [], waitsFor: [], conditions: [] };
}

/** Explains the step at this graph index as it stands now. O(in-degree). */
export function explainStep(state: Scope, index: number, timeText: TimeText = isoTime, unserved: readonly string[] = []): Explanation {
  const step = state.graph.steps[index];
  const at = state.steps[index];
  if (step === undefined || at === undefined) throw new RangeError(`No step ${index} in this graph`);
  const edges = step.incoming.map((edge): EdgeFact => {
    return { from: nameOf(state, edge.from), branch: edge.branch, state: edgeState(state.graph, state.steps, edge) };
  });
  const conditions = conditionFacts(step, at);
  return {
    ...(isOffered(at)
      ? { kind: 'waiting', sentence: queueSentence(step.queue, unserved) }
      : tell({ state, step, at, edges, conditions }, timeText)),
    edges,
    waitsFor: at.status === 'pending' ? openSources(state, step, edges) : [],
    conditions,
  };
}

/** True while it waits for a worker of its queue. */
export function isOffered({ status, waiting }: StepState): boolean {
  return status === 'queued' || (status === 'waiting' && waiting?.kind === 'remote');
}

function queueSentence(queue: string, unserved: readonly string[]): string {
  return `Waits for a worker that serves the queue '${queue}'${unserved.includes(queue) ? '; none is alive' : ''}.`;
}

export function isoTime(millis: number): string {
  return new Date(millis).toISOString();
}

interface Asked {
  readonly state: Scope;
  readonly step: GraphStep;
  readonly at: StepState;
  readonly edges: readonly EdgeFact[];
  readonly conditions: readonly ConditionFact[];
}

function conditionFacts({ skipWhen, runWhen }: GraphStep, at: StepState): ConditionFact[] {
  const read = at.reads ?? {};
  return [
    ...(skipWhen === null
      ? []
      : [{ condition: 'skip_when', expression: skipWhen, value: at.skipWhen, read: read.skip_when ?? [] } as const]),
    ...(runWhen === null ? [] : [{ condition: 'run_when', expression: runWhen, value: at.runWhen, read: read.run_when ?? [] } as const]),
  ];
}

function tell(asked: Asked, timeText: TimeText): Pick<Explanation, 'kind' | 'sentence'> {
  const { state, step, at } = asked;
  const origin = state.root.forked;
  if (origin?.kept.has(state.prefix + step.id))
    return { kind: 'ran', sentence: `Did not run here: its result was kept from ${origin.run}.` };
  switch (at.status) {
    case 'pending':
      return { kind: 'pending', sentence: pendingSentence(asked) };
    case 'waiting':
      return { kind: 'waiting', sentence: waitingSentence(state, step, at, timeText) };
    case 'skipped':
      return { kind: 'skipped', sentence: skipSentence(asked) };
    case 'cancelled':
      return { kind: 'cancelled', sentence: `Was stopped before it could end, ${stopReason(state, step.index)}.` };
    case 'failed':
      if (at.firstStartedAt === null)
        return { kind: 'not_started', sentence: stopped(`Failed before it started: ${at.error?.message ?? ''}`) };
      return { kind: 'ran', sentence: [startSentence(asked), againSentence(at), iterationSentence(at), failureSentence(asked)].join('') };
    default:
      return {
        kind: 'ran',
        sentence: [startSentence(asked), againSentence(at), iterationSentence(at), elsewhereSentence(step, at), endSentence(at)].join(''),
      };
  }
}

function elsewhereSentence({ queue }: GraphStep, at: StepState): string {
  return isAway(at) ? ` It runs on a worker that serves the queue '${queue}'.` : '';
}

function startSentence({ state, step, edges, conditions }: Asked): string {
  const held = conditions.find((one) => one.condition === 'run_when' && one.value === true);
  const and = held === undefined ? '' : ` Its run_when condition was true: ${conditionText(held.expression, held.read)}.`;
  return joinSentence(state, step, edges) + and;
}

function joinSentence(state: Scope, step: GraphStep, edges: readonly EdgeFact[]): string {
  if (step.call !== null) return `Ran because the code of ${nameOf(state, step.call.by)} asked for it.`;
  if (step.fallbackFor.length > 0) {
    const failed = step.fallbackFor.filter((user) => state.steps[user]?.status === 'failed').map((user) => nameOf(state, user));
    return `Ran in place of ${list(failed)}, which failed.`;
  }
  if (edges.length === 0) {
    return state === state.root
      ? 'Started with the run: it depends on nothing.'
      : 'Started with its iteration: it depends on nothing in it.';
  }
  const satisfied = edges.filter((edge) => edge.state === 'satisfied').map(edgeName);
  switch (step.join.kind) {
    case 'any':
      return `Ran because one of its dependencies was enough: ${list(satisfied)}.`;
    case 'quorum':
      return `Ran because ${step.join.min} of its ${edges.length} dependencies were met: ${list(satisfied)}.`;
    case 'all': {
      const missed = edges.filter((edge) => edge.state === 'missed').map(edgeName);
      if (missed.length > 0) return `Ran although ${list(missed)} did not complete: failed dependencies are allowed.`;
      return `Ran because ${list(satisfied)} ${satisfied.length === 1 ? 'was' : 'were all'} met.`;
    }
  }
}

/** More than one attempt, or more than one execution. */
function againSentence({ attempt, retries, execution, status }: StepState): string {
  const tries = retries === 0 ? '' : ` ${status === 'running' ? 'Is at' : 'Ended at'} attempt ${attempt}, after ${retries} that failed.`;
  return execution === 1 ? tries : ` Ran anew, as execution ${execution}: the run went on from it or from a step before it.${tries}`;
}

function failureSentence({ state, step, at }: Asked): string {
  const left = step.retry.maxAttempts - 1 - at.retries;
  const retried =
    step.retry.maxAttempts > 1 && left > 0 ? ' It was not retried: the error is final, or the next attempt would be too late.' : '';
  return ` ${stopped(`Failed: ${at.error?.message ?? 'no reason is known'}`)}${retried}${handlingSentence(state, step)}`;
}

function handlingSentence({ graph }: Scope, step: GraphStep): string {
  if (step.call !== null) return ` The code of ${graph.steps[step.call.by]?.id ?? ''} says what becomes of that.`;
  if (step.hasErrorEdge) return ' Its error edge handles that.';
  if (step.fallback !== null) return ` ${graph.steps[step.fallback]?.id ?? ''} stands in for it.`;
  return continues(graph, step.index) ? ' The run goes on without it (on_error: continue).' : '';
}

function endSentence({ branch, undo, undoError }: StepState): string {
  const chose = branch === null ? '' : ` It chose the branch ${branch}.`;
  if (undo === 'done') return `${chose} It was undone afterwards.`;
  return undo === 'failed' ? `${chose} ${stopped(`Undoing it failed: ${undoError?.message ?? ''}`)}` : chose;
}

function skipSentence(asked: Asked): string {
  const { state, step, at, edges } = asked;
  const reason: SkipReason | null = at.skipReason;
  switch (reason) {
    case 'not_taken':
      return edges.length === 0 ? 'Not needed: no step that it stands in for failed.' : notTaken(state, edges);
    case 'upstream': {
      const missed = named(edges, 'missed');
      return missed.length === 0
        ? 'Skipped: too few of its dependencies can still be met.'
        : `Skipped because ${list(missed)} did not complete.`;
    }
    case 'skip_when':
      return `Skipped because its skip_when condition was true${askedText(asked, 'skip_when')}.`;
    case 'run_when':
      return `Skipped because its run_when condition was false${askedText(asked, 'run_when')}.`;
    case 'disabled':
      return 'Skipped because it is disabled.';
    case 'not_in_test':
      return 'Not part of this test run, which was about another step.';
    case 'cancelled':
      return `Skipped before it started, ${stopReason(state, step.index)}.`;
    default:
      return 'Skipped.';
  }
}

function notTaken(state: Scope, edges: readonly EdgeFact[]): string {
  const dead = edges.filter((edge) => edge.state === 'dead');
  const others = dead.map(({ from }) => {
    const branch = state.steps[state.graph.byId.get(from)?.index ?? -1]?.branch;
    return branch == null ? from : `${from} (${branch})`;
  });
  return `Not taken: ${list([...new Set(others)])} went another way.`;
}

function askedText({ conditions }: Asked, condition: ConditionFact['condition']): string {
  const fact = conditions.find((one) => one.condition === condition);
  return fact === undefined ? '' : `: ${conditionText(fact.expression, fact.read)}`;
}

function pendingSentence({ state, step, at, edges }: Asked): string {
  const { root } = state;
  if (root.status === 'queued') return 'Waits for the run to start.';
  if (step.call !== null) return `The code of ${nameOf(state, step.call.by)} asked for it and has not begun it.`;
  const sources = openSources(state, step, edges);
  if (sources.length > 0) return `Waits for ${list(sources)}${needed(step, edges)}.`;
  if (root.status === 'paused' || root.status === 'pausing') return 'Ready, but the run is paused.';
  if (at.taken === 'start') return 'Starting.';
  const due = [...(step.skipWhen === null ? [] : ['skip_when']), ...(step.runWhen === null ? [] : ['run_when'])];
  return due.length === 0 ? 'Ready: about to start.' : `Ready: about to be asked ${list(due)} and to start.`;
}

/** How many of its dependencies are enough, where that are not all. */
function needed({ join }: GraphStep, edges: readonly EdgeFact[]): string {
  if (join.kind === 'all') return '';
  if (join.kind === 'any') return ': one is enough';
  return `: it needs ${join.min} of ${edges.length}, ${named(edges, 'satisfied').length} so far`;
}

/** Steps whose end could still start it: open dependencies, context, or what a fallback stands in for. */
function openSources(state: Scope, step: GraphStep, edges: readonly EdgeFact[]): string[] {
  const unsettled = (index: number): boolean => !isSettled(state.steps[index]?.status ?? 'pending');
  const others = [...step.contextFrom, ...step.fallbackFor].filter(unsettled).map((index) => nameOf(state, index));
  return [...new Set([...named(edges, 'open'), ...others])];
}

function named(edges: readonly EdgeFact[], state: EdgeState): string[] {
  return edges.filter((edge) => edge.state === state).map((edge) => edge.from);
}

function edgeName(edge: EdgeFact): string {
  return edge.branch === null ? edge.from : `${edge.from} (${edge.branch})`;
}

function nameOf(state: Scope, index: number): string {
  return state.graph.steps[index]?.id ?? '';
}
