import type { SkipReason } from '#lib/engine/events.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { isAway } from './counters.ts';
import { type EdgeState, edgeState, isSettled } from './readiness.ts';
import type { Scope, StepState } from './state.ts';

/** Why a step ran, was skipped, failed before it began, or has not started: from the same state that decided it. */
export interface Explanation {
  readonly kind: 'ran' | 'skipped' | 'not_started' | 'waiting' | 'pending' | 'cancelled';
  /** One sentence for people. */
  readonly sentence: string;
  readonly edges: readonly EdgeFact[];
  /** Ids of the steps it still waits for. */
  readonly waitsFor: readonly string[];
  readonly conditions: { readonly skipWhen: boolean | null; readonly runWhen: boolean | null };
}

export interface EdgeFact {
  readonly from: string;
  readonly branch: string | null;
  readonly state: EdgeState;
}

/**
 * Explains the step at this graph index as it stands now. O(in-degree). `timeText` writes a time in milliseconds for the
 * reader; ISO 8601 in UTC where nothing else is given. `unserved` are the queues that no live worker serves, as far as known.
 */
export function explainStep(
  state: Scope,
  index: number,
  timeText: (millis: number) => string = isoTime,
  unserved: readonly string[] = [],
): Explanation {
  const step = state.graph.steps[index];
  const at = state.steps[index];
  if (step === undefined || at === undefined) throw new RangeError(`No step ${index} in this graph`);
  const edges = step.incoming.map((edge): EdgeFact => {
    return { from: nameOf(state, edge.from), branch: edge.branch, state: edgeState(state.graph, state.steps, edge) };
  });
  const conditions = { skipWhen: at.skipWhen, runWhen: at.runWhen };
  return {
    ...(isOffered(at) ? { kind: 'waiting', sentence: queueSentence(step.queue, unserved) } : tell(state, step, at, edges, timeText)),
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

function isoTime(millis: number): string {
  return new Date(millis).toISOString();
}

function tell(
  state: Scope,
  step: GraphStep,
  at: StepState,
  edges: readonly EdgeFact[],
  timeText: (millis: number) => string,
): Pick<Explanation, 'kind' | 'sentence'> {
  switch (at.status) {
    case 'pending':
      return { kind: 'pending', sentence: pendingSentence(state, step, at, edges) };
    case 'waiting':
      return { kind: 'waiting', sentence: waitingSentence(at, timeText) };
    case 'skipped':
      return { kind: 'skipped', sentence: skipSentence(at.skipReason, edges) };
    case 'cancelled':
      return { kind: 'cancelled', sentence: 'Was stopped before it could end.' };
    case 'failed':
      if (at.firstStartedAt === null) return { kind: 'not_started', sentence: `Failed before it started: ${at.error?.message ?? ''}.` };
      return { kind: 'ran', sentence: startSentence(state, step, edges) };
    default:
      return { kind: 'ran', sentence: [startSentence(state, step, edges), iterationSentence(at), elsewhereSentence(step, at)].join('') };
  }
}

function elsewhereSentence({ queue }: GraphStep, at: StepState): string {
  return isAway(at) ? ` It runs on a worker that serves the queue '${queue}'.` : '';
}

function iterationSentence(at: StepState): string {
  if (at.loop === null || at.status !== 'running') return '';
  const { iterations, open, items } = at.loop;
  const ended = iterations.length - open;
  return items === null ? ` ${ended} iterations have ended.` : ` ${ended} of ${items.length} iterations have ended.`;
}

function startSentence(state: Scope, step: GraphStep, edges: readonly EdgeFact[]): string {
  if (step.fallbackFor.length > 0) {
    const failed = step.fallbackFor.filter((user) => state.steps[user]?.status === 'failed').map((user) => nameOf(state, user));
    return `Ran in place of ${list(failed)}, which failed.`;
  }
  if (edges.length === 0) return 'Started with the run: it depends on nothing.';
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

function skipSentence(reason: SkipReason | null, edges: readonly EdgeFact[]): string {
  switch (reason) {
    case 'not_taken':
      return edges.length === 0
        ? 'Not needed: no step that it stands in for failed.'
        : `Not taken: ${list(named(edges, 'dead'))} went another way.`;
    case 'upstream': {
      const missed = named(edges, 'missed');
      return missed.length === 0
        ? 'Skipped: too few of its dependencies can still be met.'
        : `Skipped because ${list(missed)} did not complete.`;
    }
    case 'skip_when':
      return 'Skipped because its skip_when condition was true.';
    case 'run_when':
      return 'Skipped because its run_when condition was false.';
    case 'disabled':
      return 'Skipped because it is disabled.';
    case 'cancelled':
      return 'Skipped because it was cancelled before it started.';
    default:
      return 'Skipped.';
  }
}

function pendingSentence(state: Scope, step: GraphStep, at: StepState, edges: readonly EdgeFact[]): string {
  if (state.root.status === 'queued') return 'Waits for the run to start.';
  const sources = openSources(state, step, edges);
  if (sources.length > 0) return `Waits for ${list(sources)}.`;
  if (state.root.status === 'paused' || state.root.status === 'pausing') return 'Ready, but the run is paused.';
  if (at.taken === 'start') return 'Starting.';
  return 'Ready: about to be asked its conditions and to start.';
}

function waitingSentence(at: StepState, timeText: (millis: number) => string): string {
  const until = at.waiting?.wakeAt == null ? '' : ` until ${timeText(at.waiting.wakeAt)}`;
  switch (at.waiting?.kind) {
    case 'go_on':
      return 'About to go on: what it waited for has come.';
    case 'retry':
      return `Attempt ${at.attempt} failed; the next one waits${until}.`;
    case 'event':
      return `Waits for an event${until}.`;
    case 'approval':
      return `Waits for a decision${until}.`;
    case 'child':
      return 'Waits for the run it started.';
    default:
      return `Waits${until}.`;
  }
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

function list(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? 'nothing';
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
