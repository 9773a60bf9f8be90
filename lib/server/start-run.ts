import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { startRun as contract } from '#lib/contracts/runs.ts';
import { type CreatedRun, createRuns, enqueueRun, type NewRun } from '#lib/db/create-runs.ts';
import { loadDefinition } from '#lib/db/definitions.ts';
import { ensureDispatcher } from '#lib/db/dispatcher.ts';
import { findRunTarget, isUsedElsewhere, lockExternalId, type RunTarget, wasStartedBy } from '#lib/db/run-target.ts';
import { transaction } from '#lib/db/transaction.ts';
import { requireInput } from './check-input.ts';
import { storeDraft } from './draft-definition.ts';
import { noWorkflow, workflowUuid } from './load-workflow.ts';
import { retentionSeconds } from './retention.ts';
import { makeRoom, runLimit } from './run-limit.ts';
import { loadRun } from './run-view.ts';
import { noVersion } from './version-view.ts';
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
  const uuid = workflowUuid(params.id);
  const wanted = body.draft ? null : (body.version ?? null);
  const target = await findRunTarget({ workspaceUuid: workspaceUuid(access), workflowUuid: uuid, version: wanted });
  if (target === null) throw noWorkflow();
  if (target.status === 'archived') throw new AppError('conflict', 'This workflow is archived. Set another status to run it.');
  const definitionHash = body.draft ? await storeDraft(uuid) : hashOf(target, wanted);
  const definition = await loadDefinition(definitionHash);
  requireInput(definition.input_schema, body.input_data);
  const current = !body.draft && (wanted === null || wanted === target.newest);
  const limit = await runLimit(definition, { workflowUuid: uuid, input: body.input_data, current });
  const mayExist = body.external_id !== undefined && body.if_exists === 'return';
  const run: NewRun = {
    workspaceId: access.workspaceId,
    workflowId: params.id,
    version: body.draft ? null : (wanted ?? target.newest),
    definitionHash,
    trigger: body.trigger ?? (access.actor.kind === 'key' ? 'api' : 'manual'),
    input: body.input_data,
    priority: body.priority,
    ...(body.queue === undefined ? {} : { queue: body.queue }),
    callbackUrl: body.callback_url ?? null,
    timeoutMs: body.timeout_ms ?? null,
    retention: body.retention === undefined ? null : retentionSeconds(body.retention),
    idempotencyKey: onceKey,
    externalId: body.external_id ?? null,
    limit,
    ...(body.continue_from === undefined ? {} : { savedState: await stateLeftBy(access, params.id, body.continue_from) }),
  };
  const { runId, created, skipped } = mayExist ? await startOnce(access, uuid, run) : await enqueueRun(run);
  if (!created && !mayExist && (onceKey === null || !(await wasStartedBy(runId, onceKey)))) {
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
    await lockExternalId(client, workspaceUuid(access), externalId);
    if (await isUsedElsewhere(client, { workspaceUuid: workspaceUuid(access), workflowUuid, externalId }))
      throw new AppError('conflict', `A run of another workflow has the id '${externalId}'.`);
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
  return run.output as Json;
}

function hashOf(target: RunTarget, wanted: number | null): string {
  if (target.definitionHash !== null) return target.definitionHash;
  if (wanted !== null && target.newest > 0) throw noVersion(wanted);
  throw new AppError('conflict', 'This workflow has no version yet. Save one, or run its draft as a test.');
}
