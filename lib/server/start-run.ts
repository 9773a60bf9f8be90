import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { startRun as contract } from '#lib/contracts/runs.ts';
import { type CreatedRun, createRuns, enqueueRun, type NewRun } from '#lib/db/create-runs.ts';
import { ensureDispatcher } from '#lib/db/dispatcher.ts';
import { lockExternalIds, usedElsewhere } from '#lib/db/run-target.ts';
import { transaction } from '#lib/db/transaction.ts';
import { TEST_TRIGGER } from '#lib/engine/trial.ts';
import { requireInput } from './check-input.ts';
import { makeRoom, runLimit } from './run-limit.ts';
import { loadStartTarget, newRunOf } from './run-start.ts';
import { loadRun } from './run-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/**
 * Starts a run of the newest (or a named) version, or with `draft` a test run of the draft, whose version is null. The
 * run keeps the definition it was started with. Throws `conflict` for an archived workflow and for one without a
 * version and for an `external_id` that one of its runs has, `validation_error` for an input that its `input_schema`
 * refuses. A second start of the workflow with the same `onceKey` answers the first one's run.
 */
export async function startRun(
  access: Access,
  { params, body }: InputOf<typeof contract>,
  onceKey: string | null = null,
): Promise<AnswerOf<typeof contract>> {
  const target = await loadStartTarget(access, { id: params.id, version: body.version, draft: body.draft });
  const { definition, workflowUuid, current } = target;
  requireInput(definition.input_schema, body.input_data);
  const limit = await runLimit(definition, { workflowUuid, input: body.input_data, current });
  const mayExist = body.external_id !== undefined && body.if_exists === 'return';
  const run: NewRun = {
    ...newRunOf(access, target, body),
    idempotencyKey: onceKey,
    limit,
    ...(body.continue_from === undefined ? {} : { savedState: await stateLeftBy(access, params.id, body.continue_from) }),
  };
  const { runId, created, repeated, skipped } = mayExist ? await startOnce(access, workflowUuid, run) : await enqueueRun(run);
  if (!created && !mayExist && !repeated) {
    throw new AppError('conflict', `This workflow already has a run with the external_id '${body.external_id}'.`, {
      data: { run_id: runId },
    });
  }
  if (created) await makeRoom(limit);
  return { run_id: runId, ...(mayExist && !created ? { existing: true } : {}), ...(skipped ? { skipped } : {}) };
}

/**
 * Starts a run whose id no run of another workflow has: it would be mistaken for that run by whoever starts by ids alone. Two
 * starts with one id go one after another.
 */
async function startOnce(access: Access, workflowUuid: string, run: NewRun): Promise<CreatedRun> {
  const externalId = run.externalId ?? '';
  await ensureDispatcher();
  return transaction(async (client) => {
    await lockExternalIds(client, workspaceUuid(access), [externalId]);
    const elsewhere = await usedElsewhere(client, { workspaceUuid: workspaceUuid(access), workflowUuid, externalIds: [externalId] });
    if (elsewhere.size > 0) throw new AppError('conflict', `A run of another workflow has the id '${externalId}'.`);
    const [made] = await createRuns([run], client);
    if (made === undefined) throw new Error('No run was made');
    return made;
  });
}

/** What a completed run of the same workflow leaves for the run that continues it: its output. */
async function stateLeftBy(access: Access, workflowId: string, runId: string): Promise<Json> {
  const run = await loadRun(access, runId);
  if (run.workflowId !== workflowId) throw new AppError('conflict', 'Only a run of the same workflow can be continued.');
  if (run.status !== 'completed') throw new AppError('conflict', `Only a completed run can be continued; this one is ${run.status}.`);
  if (run.trigger === TEST_TRIGGER) throw new AppError('conflict', 'A test run is not continued: what it was given may be made up.');
  return run.output as Json;
}
