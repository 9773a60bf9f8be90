import type { ClaimedRun } from '#lib/db/claims.ts';
import { apply, fold } from '#lib/engine/apply.ts';
import { recover } from '#lib/engine/decide.ts';
import { eventsAfter } from '#lib/engine/journal-row.ts';
import { initialState, type RunState } from '#lib/engine/state.ts';
import type { Graph } from '#lib/workflow/graph.ts';

/** Where a claimed run stands: folded from its journal, or new. */
export function stateOfClaim(graph: Graph, claim: ClaimedRun): RunState {
  if (claim.journal !== null) {
    const state = fold(graph, eventsAfter(claim.journal, 0));
    recover(state);
    return state;
  }
  const { trigger, version, createdAt: at, timeoutMs } = claim;
  const queued = { type: 'run_queued', trigger, version, seq: 1, at, ...(timeoutMs === null ? {} : { timeout_ms: timeoutMs }) } as const;
  return apply(initialState(graph), queued);
}
