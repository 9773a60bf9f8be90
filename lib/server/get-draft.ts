import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getDraft as contract } from '#lib/contracts/workflows.ts';
import { findDraft } from '#lib/db/drafts.ts';
import { draftView } from './draft-view.ts';
import { loadWorkflow, noWorkflow } from './load-workflow.ts';

/** The working copy of a workflow. */
export async function getDraft(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  const draft = await findDraft(workflow.uuid);
  if (draft === null) throw noWorkflow();
  return draftView(draft);
}
