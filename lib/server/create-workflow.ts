import type { Access } from '#lib/auth/access.ts';
import { idFromUuid, uuidv7 } from '#lib/base/ids.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { createWorkflow as contract } from '#lib/contracts/workflows.ts';
import { database } from '#lib/db/client.ts';
import { replaceDraft } from '#lib/db/drafts.ts';
import { insertWorkflow } from '#lib/db/workflows.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { audit } from './audit.ts';
import { PATIENCE } from './change-workflow.ts';
import { loadWorkflow } from './load-workflow.ts';
import { requireDraft, requireValid } from './require-valid.ts';
import { saveVersion } from './save-version.ts';
import { workflowView } from './workflow-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Stores a definition as version 1 of a new workflow, or (with `draft`) as the draft of one without versions. */
export async function createWorkflow(access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const definition = body.draft ? requireDraft(body.definition) : requireValid(body.definition);
  const id = await insertNewWorkflow(access, definition, body);
  return { id, workflow: await workflowView(await loadWorkflow(access, id)) };
}

/** Writes workflow, first version (unless it is a draft) and draft together. Answers the workflow's id. */
export async function insertNewWorkflow(
  access: Access,
  definition: Definition,
  { trigger_type: triggerType, tags, draft }: Pick<InputOf<typeof contract>['body'], 'trigger_type' | 'tags' | 'draft'>,
): Promise<string> {
  const uuid = uuidv7();
  const made = {
    uuid,
    workspaceUuid: workspaceUuid(access),
    name: definition.name,
    description: definition.description ?? '',
    triggerType,
    tags: [...new Set(tags)],
    version: draft ? 0 : 1,
    createdBy: access.actor.name,
  };
  await database().$transaction(async (client) => {
    await insertWorkflow(client, made);
    if (draft) await replaceDraft(client, { workflowUuid: uuid, definition, baseVersion: 0, updatedBy: access.actor.name });
    else await saveVersion(client, access, { workflowUuid: uuid, number: 1, definition, before: null, summary: undefined });
    await audit(client, access, 'workflow.created', idFromUuid('wf', uuid), { name: made.name, draft });
  }, PATIENCE);
  return idFromUuid('wf', uuid);
}
