import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { BodyOf } from '#lib/contracts/contract.ts';
import type { startRuns } from '#lib/contracts/runs.ts';
import type { NewRun } from '#lib/db/create-runs.ts';
import { loadDefinition } from '#lib/db/definitions.ts';
import { findRunTarget, type RunTarget } from '#lib/db/run-target.ts';
import { TEST_TRIGGER } from '#lib/engine/trial.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { storeDraft } from './draft-definition.ts';
import { noWorkflow, workflowUuid } from './load-workflow.ts';
import { retentionSeconds } from './retention.ts';
import { noVersion } from './version-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** What is to be started: a workflow's newest or a named version, or its draft. */
export interface StartTarget {
  readonly workflowId: string;
  readonly workflowUuid: string;
  /** Null for the draft. */
  readonly version: number | null;
  readonly definitionHash: string;
  readonly definition: Definition;
  /** It is the newest version. */
  readonly current: boolean;
}

/** Looks up what a start names. Throws `not_found`, and `conflict` for an archived workflow and one without a version. */
export async function loadStartTarget(
  access: Access,
  { id, version, draft = false }: { readonly id: string; readonly version: number | undefined; readonly draft?: boolean },
): Promise<StartTarget> {
  const uuid = workflowUuid(id);
  const wanted = draft ? null : (version ?? null);
  const target = await findRunTarget({ workspaceUuid: workspaceUuid(access), workflowUuid: uuid, version: wanted });
  if (target === null) throw noWorkflow();
  if (target.status === 'archived') throw new AppError('conflict', 'This workflow is archived. Set another status to run it.');
  const definitionHash = draft ? await storeDraft(uuid) : hashOf(target, wanted);
  return {
    workflowId: id,
    workflowUuid: uuid,
    version: draft ? null : (wanted ?? target.newest),
    definitionHash,
    definition: await loadDefinition(definitionHash),
    current: !draft && (wanted === null || wanted === target.newest),
  };
}

function hashOf(target: RunTarget, wanted: number | null): string {
  if (target.definitionHash !== null) return target.definitionHash;
  if (wanted !== null && target.newest > 0) throw noVersion(wanted);
  throw new AppError('conflict', 'This workflow has no version yet. Save one, or run its draft as a test.');
}

/** The run that a start (or one item of a batch) asks for; its limit and its once-key are the caller's to add. */
export function newRunOf(access: Access, target: StartTarget, item: BodyOf<typeof startRuns>['runs'][number]): NewRun {
  return {
    workspaceId: access.workspaceId,
    workflowId: target.workflowId,
    version: target.version,
    definitionHash: target.definitionHash,
    // A run of the draft is a test, whoever starts it.
    trigger: target.version === null ? TEST_TRIGGER : (item.trigger ?? (access.actor.kind === 'key' ? 'api' : 'manual')),
    input: item.input_data,
    priority: item.priority,
    ...(item.queue === undefined ? {} : { queue: item.queue }),
    callbackUrl: item.callback_url ?? null,
    timeoutMs: item.timeout_ms ?? null,
    retention: item.retention === undefined ? null : retentionSeconds(item.retention),
    externalId: item.external_id ?? null,
  };
}
