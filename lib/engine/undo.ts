import { type Decision, record } from './decision.ts';
import { keyOf } from './scope.ts';
import type { RunState, Scope, StepState } from './state.ts';
import { scopesOf } from './state.ts';

/**
 * The order in which a failed run takes its steps back (saga), as step keys: those that completed and have an `undo`,
 * last started first, in iterations too. Only what started takes part; what was undone before is not undone again.
 */
export function undoOrder(state: RunState): string[] {
  const found: { readonly key: string; readonly at: StepState }[] = [];
  for (const scope of scopesOf(state)) found.push(...undoable(scope));
  return found.sort((a, b) => (b.at.firstStartedAt ?? 0) - (a.at.firstStartedAt ?? 0) || b.at.order - a.at.order).map(({ key }) => key);
}

/** The next step to be taken back. */
export function askUndoOf(key: string, at: StepState | undefined, now: number): Decision[] {
  if (at?.taken != null) return [];
  if (at?.undo !== 'running') return [{ kind: 'undo', step: key }];
  // Begun by a worker that died, in a way that must not be repeated.
  const message = 'The worker died while this step was taken back, so it may or may not have happened; it is not repeated by itself';
  return [record({ type: 'step_undone', step: key, attempt: at.attempt, error: { code: 'OUTCOME_UNKNOWN', message, step: key }, at: now })];
}

/** How undoing went, or goes; null where nothing was undone. The first undo that fails ends it. */
export function undoOutcome(state: RunState): 'running' | 'complete' | 'failed' | null {
  let done = false;
  for (const scope of scopesOf(state)) {
    for (const at of scope.steps) {
      if (at.undo === 'failed') return 'failed';
      done ||= at.undo === 'done';
    }
  }
  if (state.status === 'rolling_back') return 'running';
  return done ? 'complete' : null;
}

/** True where what the step did, or one inside of it, was taken back: its result can't be kept. */
export function isUndone(at: StepState): boolean {
  return at.undo === 'done' || (at.loop?.iterations.some((iteration) => iteration.steps.some(isUndone)) ?? false);
}

function undoable(scope: Scope): { readonly key: string; readonly at: StepState }[] {
  return scope.graph.steps.flatMap((step) => {
    const at = scope.steps[step.index];
    if (step.source.undo === undefined || at?.status !== 'completed' || at.undo !== null) return [];
    // What a fork was given happened in another run, which answers for it.
    const { forked, trial } = scope.root;
    const key = scope.prefix + step.id;
    if (forked?.kept.has(key)) return [];
    // What a test was given happened nowhere, or in an earlier test.
    if (trial?.pinned.has(key) || trial?.reused.has(key)) return [];
    return [{ key: keyOf(scope, step.index), at }];
  });
}
