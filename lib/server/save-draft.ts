import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { saveDraft as contract } from '#lib/contracts/workflows.ts';
import { database } from '#lib/db/client.ts';
import { findDraft, saveDraftAt } from '#lib/db/drafts.ts';
import { renameUnsaved } from '#lib/db/workflows.ts';
import { draftView } from './draft-view.ts';
import { loadWorkflow, noWorkflow } from './load-workflow.ts';

/**
 * Saves the working copy. Throws `conflict` where it has moved on since `revision`; `data.draft` is the current one,
 * so that the editor can show both sides.
 */
export async function saveDraft(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  const saved = await saveDraftAt(workflow.uuid, body.revision, { definition: body.definition, updatedBy: access.actor.name });
  if (saved === null) {
    const current = await findDraft(workflow.uuid);
    if (current === null) throw noWorkflow();
    throw new AppError('conflict', `${current.updatedBy} saved this draft in the meantime.`, {
      data: { draft: draftView(current) as Json },
    });
  }
  if (workflow.version === 0) await renameUnsaved(database(), workflow.uuid, body.definition.name, body.definition.description ?? '');
  return draftView(saved);
}
