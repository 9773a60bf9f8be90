import type { Json } from '#lib/base/json.ts';
import type { Run, RunSchedule } from '#lib/contracts/runs.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import type { FullRun } from '#lib/db/run-list.ts';
import { fold } from '#lib/engine/apply.ts';
import { attemptsOf } from '#lib/engine/attempts.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { progressOf } from '#lib/engine/progress.ts';
import type { StepState } from '#lib/engine/state.ts';
import { undoOutcome } from '#lib/engine/undo.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import type { FoldedRun } from './folded-run.ts';
import { redactRunOutput } from './redact.ts';
import { runRow } from './run-view.ts';
import { type StepRunPage, stepRuns } from './step-run-view.ts';

/** A run as its events tell it, with the results of its steps, or a page of them. */
export function fullRunView(record: FullRun, { state, attempts }: FoldedRun, page: StepRunPage, outputOf?: (at: StepState) => Json): Run {
  const { graph } = state;
  const timed = {
    ...record,
    status: state.status,
    error: state.error,
    startedAt: momentOf(state.startedAt),
    completedAt: momentOf(state.endedAt),
    progress: state.endedAt === null ? progressOf(state) : record.progress,
  };
  return {
    ...runRow(timed),
    input: record.input as Json,
    schedule: record.schedule as RunSchedule | null,
    output: redactRunOutput(graph, state.output),
    definition: graph.definition,
    step_runs: stepRuns(state, attempts, page, outputOf),
    undo: undoOutcome(state),
    step_runs_total: state.steps.length,
    last_event_id: state.seq,
  };
}

/** Characters of JSON that a callback may have before the outputs of its steps are left out. */
const MAX_FINAL_LENGTH = 1024 * 1024;

/** What is told of a run when it has ended: without its definition, and without the outputs of its steps where they are large. */
export async function finalRunView(record: FullRun, events: readonly RunEvent[], catalog: StepCatalog) {
  const folded = { state: fold(await loadGraph(record.definitionHash, catalog), events), attempts: attemptsOf(events) };
  const { definition: _, ...run } = fullRunView(record, folded, {});
  if (JSON.stringify(run).length <= MAX_FINAL_LENGTH) return { ...run, truncated: false };
  return { ...run, step_runs: run.step_runs.map((step) => ({ ...step, output: null })), truncated: true };
}

function momentOf(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
