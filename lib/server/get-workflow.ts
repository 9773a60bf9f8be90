import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getWorkflow as contract } from '#lib/contracts/workflows.ts';
import { loadWorkflow } from './load-workflow.ts';
import { workflowView } from './workflow-view.ts';

/** A workflow with its newest version. */
export async function getWorkflow(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  return workflowView(await loadWorkflow(access, params.id));
}
