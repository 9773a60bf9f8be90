import type { RunState } from './state.ts';

/** Share of steps that have ended, 0…1; one whose iterations are under way counts as far as they have ended. */
export function progressOf(state: RunState): number {
  let ended = state.settled;
  for (const index of state.looping) ended += state.steps[index]?.progress ?? 0;
  return ended / state.steps.length;
}
