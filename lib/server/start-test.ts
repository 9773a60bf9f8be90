import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { jsonEqual } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { startTest as contract } from '#lib/contracts/trial.ts';
import { database } from '#lib/db/client.ts';
import { enqueueRun } from '#lib/db/create-runs.ts';
import { loadGraph, storeDefinition } from '#lib/db/definitions.ts';
import { findDraft } from '#lib/db/drafts.ts';
import { listPins, type PinRecord } from '#lib/db/pins.ts';
import { type LastEnd, planTrial, TEST_TRIGGER, type TrialRefusal } from '#lib/engine/trial.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { freshSteps } from '#lib/workflow/fresh-results.ts';
import { requireInput } from './check-input.ts';
import { loadWorkflow, noWorkflow } from './load-workflow.ts';
import { testResults, wholeOutput } from './test-results.ts';
import { trialDefinition } from './trial-definition.ts';

/**
 * Starts a test run of the draft: a real run in the real engine, with `run_trial` and the ends of the steps that don't run in
 * its journal. It stands under no limit of the workflow and so is in no real run's way.
 */
export async function startTest(
  access: Access,
  { params, body }: InputOf<typeof contract>,
  onceKey: string | null = null,
): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  if (workflow.status === 'archived') throw new AppError('conflict', 'This workflow is archived. Set another status to test it.');
  const draft = await findDraft(workflow.uuid);
  if (draft === null) throw noWorkflow();
  const target = body.to_step ?? null;
  if (body.only && target === null) throw new AppError('validation_error', '`only` needs the step that is to run: give `to_step` too.');
  const definition = trialDefinition(draft.definition, target);
  if (target !== null && !definition.steps.some((step) => step.id === target))
    throw new AppError('not_found', `The draft has no step '${target}'.`);
  requireInput(definition.input_schema, body.input_data);
  const hash = await storeDefinition(database(), definition);
  const graph = await loadGraph(hash, stepCatalog);
  const pins = (await listPins(workflow.uuid)).filter((pin) => graph.byId.has(pin.stepId));
  const last = target === null || !body.reuse ? new Map() : await usableEnds(workflow.uuid, definition, pins, body);
  const outputs = new Map(pins.map((pin) => [pin.stepId, pin.output]));
  const plan = planTrial(graph, stepCatalog, { target, only: body.only, pins: outputs, last }, Date.now());
  if (!plan.ok) throw refused(plan, target);
  const { runId } = await enqueueRun({
    workspaceId: access.workspaceId,
    workflowId: params.id,
    version: null,
    definitionHash: hash,
    trigger: TEST_TRIGGER,
    input: body.input_data,
    journal: plan.events,
    // A start with the same key is another call.
    idempotencyKey: onceKey === null ? null : `test:${onceKey}`,
  });
  return { run_id: runId, runs: [...plan.runs], pinned: [...plan.pinned], reused: [...plan.reused] };
}

/**
 * The last results that a test may take over: of a step alone all of them, for its input is meant to be the last one; on the way to a
 * step those that still hold, from a run with the same input.
 */
async function usableEnds(
  workflowUuid: string,
  definition: Definition,
  pins: readonly PinRecord[],
  { only, input_data: input }: InputOf<typeof contract>['body'],
): Promise<Map<string, LastEnd>> {
  const { byStep } = await testResults(workflowUuid, definition);
  const known = [...byStep].filter(([, { run }]) => only || jsonEqual(run.input, input));
  const fresh = freshSteps(
    definition,
    new Map(known.map(([id, { end, pinned, fingerprint }]) => [id, { endedAt: end.endedAt, pinned, fingerprint }])),
    new Map(pins.map((pin) => [pin.stepId, pin.updatedAt.getTime()])),
  );
  const ends = new Map<string, LastEnd>();
  for (const [id, { end }] of known) {
    if (end.status === 'cancelled' || end.skipReason === 'cancelled' || !(only || fresh.has(id))) continue;
    const { status, branch, error, skipReason } = end;
    ends.set(id, { status, branch, error, skipReason, output: await wholeOutput(end.output) });
  }
  return ends;
}

function refused({ code, steps }: TrialRefusal, target: string | null): AppError {
  const names = steps.map((id) => `'${id}'`).join(', ');
  if (code === 'unknown_step') return new AppError('not_found', `The draft has no step ${names}.`);
  const message = `${names} ${steps.length === 1 ? 'has' : 'have'} no result yet, and '${target}' needs ${steps.length === 1 ? 'it' : 'them'}. Run to '${target}', or pin an output.`;
  const details = steps.map((step) => ({ step, path: '/to_step', code: 'no_result', message: `The step '${step}' has no result yet` }));
  return new AppError('conflict', message, { details });
}
