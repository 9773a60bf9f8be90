import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { forkRun as contract } from '#lib/contracts/run-control.ts';
import { insertAudit } from '#lib/db/audit.ts';
import { enqueueRun } from '#lib/db/create-runs.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import type { FullRun } from '#lib/db/run-list.ts';
import { fold } from '#lib/engine/apply.ts';
import { planFork } from '#lib/engine/fork.ts';
import { TEST_TRIGGER } from '#lib/engine/trial.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { auditEntry } from './audit.ts';
import { requireInput } from './check-input.ts';
import { refused } from './control-answer.ts';
import { storeDraft } from './draft-definition.ts';
import { workflowUuid } from './load-workflow.ts';
import { makeRoom, runLimit } from './run-limit.ts';
import { loadRun } from './run-view.ts';
import { loadVersion } from './version-view.ts';

/**
 * Starts a new run that begins at a step of another one, on its version or any other, perhaps with another input or with
 * other outputs of the steps before. What had ended well before that step is kept. The other run stays as it is.
 */
export async function forkRun(
  access: Access,
  { params, body }: InputOf<typeof contract>,
  onceKey: string | null = null,
): Promise<AnswerOf<typeof contract>> {
  const source = await loadRun(access, params.run_id);
  const target = await targetOf(source, body);
  const graph = await loadGraph(target.hash, stepCatalog);
  const state = fold(await loadGraph(source.definitionHash, stepCatalog), await readAllEvents(source.uuid));
  const outputs = new Map(Object.entries(body.step_outputs));
  const plan = planFork(state, graph, { run: source.id, fromStep: body.from_step ?? null, outputs }, Date.now());
  if (!plan.ok) throw refused(plan);
  const input = body.input_data === undefined ? (source.input as Json) : body.input_data;
  requireInput(graph.definition.input_schema, input);
  const told = { forked_from: source.id, runs_again: [...plan.runsAgain], kept: [...plan.kept] };
  if (body.dry_run) return { run_id: null, ...told };
  const limit = await runLimit(graph.definition, { workflowUuid: workflowUuid(source.workflowId), input, current: false });
  const { runId } = await enqueueRun({
    workspaceId: access.workspaceId,
    workflowId: source.workflowId,
    version: target.version,
    definitionHash: target.hash,
    trigger: target.version === null ? TEST_TRIGGER : access.actor.kind === 'key' ? 'api' : 'manual',
    input,
    forkedFrom: source.id,
    journal: plan.events,
    // A start with the same key is another call.
    idempotencyKey: onceKey === null ? null : `fork:${onceKey}`,
    limit,
  });
  await makeRoom(limit);
  const data = { forked_from: source.id, ...(body.from_step === undefined ? {} : { from_step: body.from_step }) };
  await insertAudit(auditEntry(access, 'run.forked', runId, data));
  return { run_id: runId, ...told };
}

/** The definition that the fork executes: of a version, of the draft, or that of the run it is taken from. */
async function targetOf(
  source: FullRun,
  { version, draft }: { readonly version?: number | undefined; readonly draft: boolean },
): Promise<{ hash: string; version: number | null }> {
  const uuid = workflowUuid(source.workflowId);
  if (draft) return { hash: await storeDraft(uuid), version: null };
  if (version === undefined) return { hash: source.definitionHash, version: source.version };
  return { hash: (await loadVersion(uuid, version)).definitionHash, version };
}
