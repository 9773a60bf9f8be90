import type { Json } from '#lib/base/json.ts';
import { loadBlobs } from '#lib/db/blobs.ts';
import { newestTestRuns, type TestRunRecord } from '#lib/db/pins.ts';
import { markedBlob } from '#lib/db/run-events.ts';
import { isFinal, type StepState } from '#lib/engine/state.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import type { Graph, GraphStep } from '#lib/workflow/graph.ts';
import { stepFingerprint } from '#lib/workflow/step-fingerprint.ts';
import { readFoldedRun } from './folded-run.ts';

/** Test runs that are looked at for a result of a step. */
const MOST_RUNS = 20;

/** A step's end in the newest test run that it ran in. */
export interface FoundResult {
  readonly run: TestRunRecord;
  readonly graph: Graph;
  readonly step: GraphStep;
  readonly end: Pick<StepState, 'output' | 'error' | 'branch' | 'skipReason' | 'input' | 'startedAt' | 'firstStartedAt'> & {
    readonly status: 'completed' | 'failed' | 'skipped' | 'cancelled';
    readonly endedAt: number;
  };
  readonly pinned: boolean;
  readonly fingerprint: string;
  readonly logs: readonly string[];
}

export interface TestResults {
  readonly byStep: ReadonlyMap<string, FoundResult>;
  /** The newest test run, where it is under way. */
  readonly live: TestRunRecord | null;
}

/** The last results of the draft's steps. Large outputs are marks, see `wholeOutput`. */
export async function testResults(workflowUuid: string, definition: Definition): Promise<TestResults> {
  const runs = await newestTestRuns(workflowUuid, MOST_RUNS);
  const wanted = new Set(definition.steps.map((step) => step.id));
  const byStep = new Map<string, FoundResult>();
  let live: TestRunRecord | null = null;
  for (const run of runs) {
    if (wanted.size === 0) break;
    const { state } = await readFoldedRun(run);
    if (run === runs[0] && !isFinal(state.status)) live = run;
    for (const id of wanted) {
      const step = state.graph.byId.get(id);
      const at = step === undefined ? undefined : state.steps[step.index];
      if (step === undefined || at === undefined || state.trial?.reused.has(id) || at.skipReason === 'not_in_test') continue;
      const { status, endedAt } = at;
      if (endedAt === null || (status !== 'completed' && status !== 'failed' && status !== 'skipped' && status !== 'cancelled')) continue;
      wanted.delete(id);
      const { output, error, branch, skipReason, input, startedAt, firstStartedAt } = at;
      byStep.set(id, {
        run,
        graph: state.graph,
        step,
        end: { status, endedAt, output, error, branch, skipReason, input, startedAt, firstStartedAt },
        pinned: state.trial?.pinned.has(id) ?? false,
        fingerprint: stepFingerprint(step.source),
        logs: state.logs.get(id) ?? [],
      });
    }
  }
  return { byStep, live };
}

/** An output, from where it is kept if it is large. */
export async function wholeOutput(output: Json): Promise<Json> {
  const hash = markedBlob(output);
  return hash === null ? output : ((await loadBlobs([hash])).get(hash) ?? null);
}
