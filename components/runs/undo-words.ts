import { plural } from '#lib/client/format.ts';
import type { RunState } from '#lib/engine/state.ts';
import { undoOutcome } from '#lib/engine/undo.ts';

/** What was undone of a run that failed or was cancelled, in words. Null where nothing was. */
export function undoWords(state: RunState): string | null {
  const outcome = undoOutcome(state);
  if (outcome === null) return null;
  const done = state.steps.filter((step) => step.undo === 'done').length;
  const failed = state.graph.steps.find((step) => state.steps[step.index]?.undo === 'failed');
  if (failed !== undefined) return `Undo stopped at ${failed.id}: ${state.steps[failed.index]?.undoError?.message ?? 'it failed'}`;
  if (outcome === 'running') return `Undone so far: ${done}, to do: ${state.undoing.length}`;
  return outcome === 'failed' ? 'Undo stopped inside a loop' : `Undone completely, ${plural(done, 'step')}`;
}
