import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { jsonEqual } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { updateWorkflow as contract } from '#lib/contracts/workflows.ts';
import { definitionHash } from '#lib/db/definitions.ts';
import { lockDraft } from '#lib/db/drafts.ts';
import { findVersionWithin } from '#lib/db/versions.ts';
import { changeWorkflow } from '#lib/db/workflows.ts';
import { audit } from './audit.ts';
import { changingWorkflow } from './change-workflow.ts';
import { loadWorkflow } from './load-workflow.ts';
import { requireValid } from './require-valid.ts';
import { saveVersion } from './save-version.ts';
import { workflowView } from './workflow-view.ts';

/**
 * Makes a valid definition the next version; an equal one makes none. Throws `conflict` where `base_version` is no
 * longer the newest, with the newest number in `data`, and where the draft has moved on since `draft_revision`: the
 * version would put itself in its place.
 */
export async function updateWorkflow(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await loadWorkflow(access, params.id);
  const definition = requireValid(body.definition);
  const hash = definitionHash(definition);
  const tags = body.tags === undefined ? undefined : [...new Set(body.tags)];
  await changingWorkflow(access, params.id, async (client, workflow) => {
    if (body.base_version !== undefined && body.base_version !== workflow.version) throw newerVersion(workflow.version);
    if (body.draft_revision !== undefined && body.draft_revision !== (await lockDraft(client, workflow.uuid))) throw laterDraft();
    const newest = workflow.version === 0 ? null : await findVersionWithin(client, workflow.uuid, workflow.version);
    if (newest?.definitionHash === hash) {
      if (tags !== undefined && !jsonEqual(tags, workflow.tags)) await changeWorkflow(client, workflow.uuid, { tags });
      return;
    }
    const version = workflow.version + 1;
    await saveVersion(client, access, {
      workflowUuid: workflow.uuid,
      number: version,
      definition,
      before: newest?.definition ?? null,
      summary: body.change_summary,
    });
    const { name, description = '' } = definition;
    await changeWorkflow(client, workflow.uuid, { name, description, version, tags });
    await audit(client, access, 'workflow.version_saved', workflow.id, { name, version });
  });
  return workflowView(await loadWorkflow(access, params.id));
}

function newerVersion(version: number): AppError {
  return new AppError('conflict', `Version ${version} was saved in the meantime. Look at it, then save again.`, { data: { version } });
}

function laterDraft(): AppError {
  return new AppError('conflict', 'The draft was changed in the meantime. The change is on your canvas now: look at it, then save again.');
}
