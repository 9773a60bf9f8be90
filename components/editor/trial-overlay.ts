import type { RunOverlay, StepRunState } from '#components/graph/overlay.ts';
import { createRunOverlay } from '#components/runs/run-overlay.ts';
import { shortCause } from '#components/runs/short-cause.ts';
import type { TestResult } from '#lib/contracts/trial.ts';
import type { RunError } from '#lib/engine/events.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';

export interface TrialSight {
  readonly results: ReadonlyMap<string, TestResult>;
  /** Ids of the steps whose result still holds. */
  readonly fresh: ReadonlySet<string>;
  /** The test that is under way, or has just ended. */
  readonly live: RunState | null;
}

/**
 * Draws tests on the canvas of the editor: the last result of each step, and over it what a test that is under way does. Keep one
 * for each canvas, so that only cards with news are drawn again.
 */
export function createTrialOverlay(): (sight: TrialSight) => RunOverlay | null {
  const drawRun = createRunOverlay();
  let known = new Map<string, StepRunState>();
  return ({ results, fresh, live }) => {
    const steps = new Map<string, StepRunState>();
    for (const [id, result] of results) steps.set(id, lastState(result, !fresh.has(id)));
    const run = live === null ? null : drawRun(live);
    for (const [id, state] of run?.steps ?? []) {
      const at = live?.steps[live.graph.byId.get(id)?.index ?? -1];
      if (at?.skipReason !== 'not_in_test' && live?.trial?.reused.has(id) !== true) steps.set(id, state);
    }
    if (steps.size === 0 && run === null) return null;
    for (const [id, state] of steps) {
      const before = known.get(id);
      if (before !== undefined && equal(before, state)) steps.set(id, before);
    }
    known = steps;
    const edges = live !== null && !isFinal(live.status) && run !== null ? run.edges : new Map();
    return { kind: 'run', steps, edges, partial: true };
  };
}

function lastState(result: TestResult, stale: boolean): StepRunState {
  return {
    status: result.status,
    startedAt: null,
    duration: result.duration_seconds === null ? null : result.duration_seconds * 1000,
    error: result.error === null ? null : shortCause(result.error as RunError),
    waitsUntil: null,
    attempt: 1,
    maxAttempts: 1,
    items: result.items,
    stale,
  };
}

function equal(a: StepRunState, b: StepRunState): boolean {
  const keys = Object.keys({ ...a, ...b }) as (keyof StepRunState)[];
  return keys.every((key) => key === 'join' || Object.is(a[key], b[key])) && a.join?.met === b.join?.met;
}
