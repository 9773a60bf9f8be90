import { type EdgeRunState, edgeKey, type RunOverlay, type StepRunState } from '#components/graph/overlay.ts';
import { shownStatus } from '#components/ui/status.ts';
import { edgeState, isSettled } from '#lib/engine/readiness.ts';
import type { RunState, StepState } from '#lib/engine/state.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { shortCause } from './short-cause.ts';

const EDGE_LOOK: Record<ReturnType<typeof edgeState>, EdgeRunState> = {
  open: 'open',
  satisfied: 'taken',
  dead: 'not_taken',
  missed: 'missed',
};

/**
 * Draws a run's state on the canvas. Keep one mapper for each canvas: a step that did not change keeps its object, so
 * only cards with news are drawn again.
 */
export function createRunOverlay(): (state: RunState) => RunOverlay {
  let known = new Map<string, StepRunState>();
  return (state) => {
    const steps = new Map<string, StepRunState>();
    const edges = new Map<string, EdgeRunState>();
    for (const step of state.graph.steps) {
      const now = stepRun(state, step);
      if (now === null) continue;
      const before = known.get(step.id);
      steps.set(step.id, before !== undefined && sameStep(before, now) ? before : now);
    }
    for (const { incoming } of state.graph.steps) {
      for (const edge of incoming) {
        const from = state.graph.steps[edge.from];
        const to = state.graph.steps[edge.to];
        if (from && to) edges.set(edgeKey(from.id, to.id, edge.branch), EDGE_LOOK[edgeState(state.graph, state.steps, edge)]);
      }
    }
    known = steps;
    return { kind: 'run', steps, edges };
  };
}

function stepRun(state: RunState, step: GraphStep): StepRunState | null {
  const run = state.steps[step.index];
  if (run === undefined || run.status === 'pending') return null;
  const needed = step.join.kind === 'all' ? null : step.join.kind === 'any' ? 1 : step.join.min;
  const started = run.firstStartedAt ?? run.startedAt;
  return {
    status: shownStatus(run),
    startedAt: run.startedAt,
    duration: isSettled(run.status) && started !== null && run.endedAt !== null ? run.endedAt - started : null,
    error: causeOf(run),
    // A paused run's times stand still, and move on when it is resumed; a condition's time is that of the next look.
    waitsUntil: state.status === 'paused' || run.waiting?.kind === 'condition' ? null : (run.waiting?.wakeAt ?? null),
    // While the next attempt is due, it is the one that is spoken of.
    attempt: run.waiting?.kind === 'retry' ? run.attempt + 1 : run.attempt,
    maxAttempts: step.retry.maxAttempts,
    ...(needed === null ? {} : { join: { met: Math.min(run.satisfied, needed), needed } }),
  };
}

function causeOf(run: StepState): string | null {
  if (run.undo === 'failed') return run.undoError === null ? null : shortCause(run.undoError);
  return run.error === null || run.status === 'completed' ? null : shortCause(run.error);
}

function sameStep(a: StepRunState, b: StepRunState): boolean {
  return (
    a.status === b.status &&
    a.startedAt === b.startedAt &&
    a.duration === b.duration &&
    a.error === b.error &&
    a.waitsUntil === b.waitsUntil &&
    a.attempt === b.attempt &&
    a.join?.met === b.join?.met
  );
}
