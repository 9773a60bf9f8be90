import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getTests as contract, Pin, TestResult } from '#lib/contracts/trial.ts';
import { findDraft } from '#lib/db/drafts.ts';
import { listPins, type PinRecord } from '#lib/db/pins.ts';
import { loadWorkflow, noWorkflow } from './load-workflow.ts';
import { redactStepOutput } from './redact.ts';
import { mayHoldSensitive } from './redact-input.ts';
import { type FoundResult, testResults, wholeOutput } from './test-results.ts';

/** Characters of JSON up to which an output or input is part of the answer. */
const MOST_SHOWN = 128 * 1024;
const MOST_LINES = 200;

/** What the editor shows on the nodes: pins, and of each step its last result in a test. */
export async function getTests(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { uuid } = await loadWorkflow(access, params.id);
  const draft = await findDraft(uuid);
  if (draft === null) throw noWorkflow();
  const [pins, { byStep, live }] = await Promise.all([listPins(uuid), testResults(uuid, draft.definition)]);
  const results: TestResult[] = [];
  for (const found of byStep.values()) results.push(await resultView(found));
  return { pins: pins.map(pinView), results, live_run_id: live?.id ?? null };
}

export function pinView({ stepId, output, updatedAt, updatedBy }: PinRecord): Pin {
  return { step_id: stepId, output, updated_at: updatedAt.toISOString(), updated_by: updatedBy };
}

async function resultView({ run, graph, step, end, pinned, fingerprint, logs }: FoundResult): Promise<TestResult> {
  const whole = await wholeOutput(end.output);
  const omitted = JSON.stringify(whole ?? null).length > MOST_SHOWN;
  const startedAt = end.firstStartedAt ?? end.startedAt;
  const input = end.input === undefined || JSON.stringify(end.input).length > MOST_SHOWN ? null : end.input;
  return {
    step_id: step.id,
    run_id: run.id,
    status: end.status,
    pinned,
    fingerprint,
    input: input !== null && mayHoldSensitive(graph, step.id) ? '[REDACTED]' : input,
    output: omitted ? null : redactStepOutput(graph, step.id, whole),
    output_omitted: omitted,
    items: Array.isArray(whole) ? whole.length : null,
    error: end.error,
    branch: end.branch,
    skip_reason: end.skipReason,
    logs: logs.slice(-MOST_LINES),
    started_at: startedAt === null ? null : new Date(startedAt).toISOString(),
    completed_at: new Date(end.endedAt).toISOString(),
    duration_seconds: startedAt === null || pinned ? null : Math.max(0, end.endedAt - startedAt) / 1000,
  };
}
