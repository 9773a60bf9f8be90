import type { StepRun } from '#lib/contracts/runs.ts';
import type { AttemptRecord } from '#lib/engine/attempts.ts';
import type { RunState, StepState } from '#lib/engine/state.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { redactStepOutput } from './redact.ts';

/** Every step of a run in definition order, those that were not reached included. */
export function stepRuns(state: RunState, attempts: ReadonlyMap<string, readonly AttemptRecord[]>): StepRun[] {
  return state.graph.steps.map((step, index) => {
    const at = state.steps[index];
    if (at === undefined) throw new Error(`Step ${step.id} has no state`);
    return stepRun(state, step, at, attempts.get(step.id) ?? []);
  });
}

function stepRun(state: RunState, step: GraphStep, at: StepState, attempts: readonly AttemptRecord[]): StepRun {
  const startedAt = at.firstStartedAt ?? at.startedAt;
  return {
    step_id: step.id,
    step_key: step.id,
    name: step.source.name ?? step.id,
    type: step.type,
    status: at.status,
    output: redactStepOutput(state.graph, step.id, at.output),
    error: at.error,
    skip_reason: at.skipReason,
    branch: at.branch,
    attempts: attempts.map(attemptView),
    progress: at.progress,
    started_at: timeText(startedAt),
    completed_at: timeText(at.endedAt),
    duration_seconds: startedAt === null || at.endedAt === null ? null : Math.max(0, at.endedAt - startedAt) / 1000,
  };
}

function attemptView(record: AttemptRecord): StepRun['attempts'][number] {
  const { attempt, execution, startedAt, endedAt, success, error } = record;
  return {
    ...{ number: attempt, execution, success, error },
    started_at: new Date(startedAt).toISOString(),
    completed_at: timeText(endedAt),
    duration_seconds: endedAt === null ? null : Math.max(0, endedAt - startedAt) / 1000,
  };
}

function timeText(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
