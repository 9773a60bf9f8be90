import type { RunState } from '#lib/engine/state.ts';

/** What was undone of a run that failed or was cancelled, in words. Null where nothing was. */
export function undoOutcome(state: RunState): string | null {
  const done = state.steps.filter((step) => step.undo === 'done').length;
  const failed = state.graph.steps.find((step) => state.steps[step.index]?.undo === 'failed');
  if (failed !== undefined) return `Undo stopped at ${failed.id}: ${state.steps[failed.index]?.undoError?.message ?? 'it failed'}`;
  if (state.status === 'rolling_back') return `Undone so far: ${done}, to do: ${state.undoing.length}`;
  return done === 0 ? null : `Undone completely: ${done} of ${done}`;
}
