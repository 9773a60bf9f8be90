import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getRun as contract } from '#lib/contracts/runs.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import { fold } from '#lib/engine/apply.ts';
import { progressOf } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { redactRunOutput } from './redact.ts';
import { loadRun, runRow } from './run-view.ts';
import { stepRuns } from './step-run-view.ts';

/**
 * A run with the result of each of its steps. All of it is folded from the journal, so that it agrees with
 * `last_event_id`: a reader who follows the stream from there misses nothing.
 */
export async function getRun(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const record = await loadRun(access, params.run_id);
  const [graph, events] = await Promise.all([loadGraph(record.definitionHash, stepCatalog), readAllEvents(record.uuid)]);
  const state = fold(graph, events);
  const timed = {
    ...record,
    status: state.status,
    error: state.error,
    startedAt: momentOf(state.startedAt),
    completedAt: momentOf(state.endedAt),
    progress: state.endedAt === null ? progressOf(state) : record.progress,
  };
  return {
    run: {
      ...runRow(timed),
      input: record.input as Json,
      output: redactRunOutput(graph, state.output),
      definition: graph.definition,
      step_runs: stepRuns(state),
      last_event_id: state.seq,
    },
  };
}

function momentOf(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
