import type { Json } from '#lib/base/json.ts';
import type { StepRun } from '#lib/contracts/runs.ts';
import type { AttemptRecord } from '#lib/engine/attempts.ts';
import type { RunState, StepState } from '#lib/engine/state.ts';
import type { Call, GraphStep } from '#lib/workflow/graph.ts';
import { redactStepOutput } from './redact.ts';

/** Which of a run's steps: all without `limit`. */
export interface StepRunPage {
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** The steps of a run in definition order, those that were not reached included. */
export function stepRuns(
  state: RunState,
  attempts: ReadonlyMap<string, readonly AttemptRecord[]>,
  page: StepRunPage = {},
  outputOf: (at: StepState) => Json = (at) => at.output,
): StepRun[] {
  const timeText = timeTexts();
  return stepsOfPage(state, page).map(([step, at]) => {
    return stepRun({ state, step, at, output: outputOf(at), timeText }, attempts.get(step.id) ?? []);
  });
}

/** The steps of a page with what became of them. */
export function stepsOfPage({ graph, steps }: RunState, { limit, offset = 0 }: StepRunPage): [GraphStep, StepState][] {
  return graph.steps.slice(offset, limit === undefined ? undefined : offset + limit).map((step) => {
    const at = steps[step.index];
    if (at === undefined) throw new Error(`Step ${step.id} has no state`);
    return [step, at];
  });
}

interface Shown {
  readonly state: RunState;
  readonly step: GraphStep;
  readonly at: StepState;
  readonly output: Json;
  readonly timeText: TimeText;
}

function stepRun({ state, step, at, output, timeText }: Shown, attempts: readonly AttemptRecord[]): StepRun {
  const startedAt = at.firstStartedAt ?? at.startedAt;
  return {
    step_id: step.id,
    step_key: step.id,
    name: step.source.name ?? step.id,
    type: step.type,
    status: at.status,
    output: redactStepOutput(state.graph, step.id, output),
    error: at.error,
    skip_reason: at.skipReason,
    branch: at.branch,
    attempts: attempts.map((record) => attemptView(record, timeText)),
    progress: at.progress,
    undo: at.undo,
    undo_error: at.undoError,
    started_at: timeText(startedAt),
    completed_at: timeText(at.endedAt),
    duration_seconds: startedAt === null || at.endedAt === null ? null : Math.max(0, at.endedAt - startedAt) / 1000,
    ...(step.call === null ? {} : { call: callView(state, step, step.call) }),
  };
}

function callView({ graph }: RunState, { config }: GraphStep, { by, kind, name, count }: Call): StepRun['call'] {
  return { by: graph.steps[by]?.id ?? '', kind, name, count, config };
}

function attemptView(record: AttemptRecord, timeText: TimeText): StepRun['attempts'][number] {
  const { attempt, execution, startedAt, endedAt, success, error } = record;
  return {
    ...{ number: attempt, execution, success, error },
    started_at: timeText(startedAt),
    completed_at: timeText(endedAt),
    duration_seconds: endedAt === null ? null : Math.max(0, endedAt - startedAt) / 1000,
  };
}

interface TimeText {
  (at: number): string;
  (at: number | null): string | null;
}

/** Times as text. A step and its attempts share theirs, and the next step's start is its end: each is written once. */
function timeTexts(): TimeText {
  const known = new Map<number, string>();
  const timeText = (at: number | null): string | null => {
    if (at === null) return null;
    let text = known.get(at);
    if (text === undefined) {
      text = new Date(at).toISOString();
      known.set(at, text);
    }
    return text;
  };
  return timeText as TimeText;
}
