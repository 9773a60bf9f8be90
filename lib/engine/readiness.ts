import type { SkipReason, StepStatus } from '#lib/engine/events.ts';
import type { Edge, Graph, GraphStep, Join } from '#lib/workflow/graph.ts';

/**
 * The join rule and nothing else: what an edge says once its step has ended, and what a join makes of its edges.
 *
 * An edge is
 *   open       its step has not ended (or has failed and its fallback has not ended)
 *   satisfied  its step completed, with the edge's branch where it names one
 *   dead       its branch was not taken, or its step was itself skipped as *not taken*
 *   missed     its step failed, was cancelled, or was skipped for another reason
 *
 * | join   | ready                                        | skipped                                                 |
 * | ------ | -------------------------------------------- | ------------------------------------------------------- |
 * | all    | none open, none missed, at least 1 satisfied | none open, 1 missed → upstream; all dead → not taken    |
 * | any    | the first is satisfied                       | none open, none satisfied                               |
 * | quorum | `min` are satisfied                          | satisfied + open < min, at once                         |
 *
 * `all` with `allow_failed_deps` counts missed as satisfied. any and quorum skip as *not taken* if every edge is dead,
 * else as *upstream*.
 */
export type EdgeState = 'open' | 'satisfied' | 'dead' | 'missed';

/** What the rule needs to know of each step, by graph index. */
export interface StepEnd {
  readonly status: StepStatus;
  readonly branch: string | null;
  readonly skipReason: SkipReason | null;
}

/** How many of a step's incoming edges are in each state. */
export interface EdgeCounts {
  open: number;
  satisfied: number;
  dead: number;
  missed: number;
}

export type Verdict = 'wait' | 'ready' | Extract<SkipReason, 'not_taken' | 'upstream'>;

/** True when the step will not change any more (unless the run is reopened). */
export function isSettled(status: StepStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled';
}

/** True when a failure of this step leaves the run unharmed. `allow_failed_deps` of a dependent does not handle it. */
export function handlesFailure(step: GraphStep): boolean {
  return step.hasErrorEdge || step.onError === 'continue' || step.fallback !== null;
}

/** The step whose end counts for this one: itself, or after its failure its fallback (or that one's fallback). */
export function standIn(graph: Graph, ends: readonly StepEnd[], index: number): number {
  let at = index;
  for (let hops = 0; hops < graph.steps.length; hops++) {
    const fallback = graph.steps[at]?.fallback;
    if (fallback == null || ends[at]?.status !== 'failed') return at;
    at = fallback;
  }
  return at; // A circle of fallbacks, which validation refuses.
}

/** What one edge says now. */
export function edgeState(graph: Graph, ends: readonly StepEnd[], edge: Edge): EdgeState {
  const at = standIn(graph, ends, edge.from);
  const end = ends[at];
  const own = at === edge.from;
  switch (end?.status) {
    case 'completed':
      return edge.branch === null || edge.branch === end.branch ? 'satisfied' : 'dead';
    case 'skipped':
      if (own) return end.skipReason === 'not_taken' ? 'dead' : 'missed';
      return failedEdge(graph, edge, false);
    case 'cancelled':
      return own ? 'missed' : failedEdge(graph, edge, false);
    case 'failed':
      return failedEdge(graph, edge, continues(graph, at));
    default:
      return 'open';
  }
}

/**
 * The try/catch rule: with an `error` edge the other edges are dead. `continue` satisfies the bare edges; one that
 * names a branch is dead, for no branch was chosen.
 */
function failedEdge(graph: Graph, edge: Edge, goesOn: boolean): EdgeState {
  if (edge.branch === 'error') return 'satisfied';
  if (graph.steps[edge.from]?.hasErrorEdge) return 'dead';
  if (goesOn) return edge.branch === null ? 'satisfied' : 'dead';
  return 'missed';
}

/** True when a failed step counts as completed with null: `on_error: continue`, unless an `error` edge catches it. */
export function continues(graph: Graph, index: number): boolean {
  const step = graph.steps[index];
  return step !== undefined && step.onError === 'continue' && !step.hasErrorEdge;
}

/** What the join makes of its edges. A step without incoming edges is ready. */
export function joinVerdict(join: Join, edges: EdgeCounts): Verdict {
  const { open, satisfied, dead, missed } = edges;
  if (open + satisfied + dead + missed === 0) return 'ready';
  const skipped = missed === 0 && satisfied === 0 ? 'not_taken' : 'upstream';
  switch (join.kind) {
    case 'all':
      if (open > 0) return 'wait';
      if (missed > 0 && !join.allowFailed) return 'upstream';
      return satisfied + missed > 0 ? 'ready' : 'not_taken';
    case 'any':
      if (satisfied > 0) return 'ready';
      return open > 0 ? 'wait' : skipped;
    case 'quorum':
      if (satisfied >= join.min) return 'ready';
      if (satisfied + open >= join.min) return 'wait';
      // Skipped at once, perhaps with edges still open: not taken only if all of them turned out dead.
      return open === 0 && dead > 0 ? skipped : 'upstream';
  }
}

/**
 * A fallback has no edges: it is ready when a step that names it has failed, and not taken when all of them ended
 * otherwise. `needed` counts the failed ones, `open` those that have not ended.
 */
export function fallbackVerdict(needed: number, open: number): Verdict {
  if (needed > 0) return 'ready';
  return open > 0 ? 'wait' : 'not_taken';
}
