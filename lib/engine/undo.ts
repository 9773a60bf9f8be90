import type { RunState, StepState } from './state.ts';

/**
 * The order in which a failed run takes its steps back (saga): those that completed and have an `undo`, last started
 * first. Only what started takes part; what was undone before is not undone again.
 */
export function undoOrder(state: RunState): number[] {
  const startOf = (index: number): Pick<StepState, 'firstStartedAt' | 'order'> => state.steps[index] ?? { firstStartedAt: 0, order: 0 };
  return state.graph.steps
    .filter((step) => step.source.undo !== undefined)
    .map((step) => step.index)
    .filter((index) => state.steps[index]?.status === 'completed' && state.steps[index]?.undo === null)
    .sort((a, b) => {
      const [left, right] = [startOf(a), startOf(b)];
      return (right.firstStartedAt ?? 0) - (left.firstStartedAt ?? 0) || right.order - left.order;
    });
}
