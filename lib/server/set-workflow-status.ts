import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { setWorkflowStatus as contract } from '#lib/contracts/workflows.ts';
import { changeWorkflow } from '#lib/db/workflows.ts';
import { audit } from './audit.ts';
import { changingWorkflow } from './change-workflow.ts';
import { loadWorkflow } from './load-workflow.ts';
import { workflowView } from './workflow-view.ts';

/** Sets the status. A workflow that has only a draft can't become active: nothing could run. */
export async function setWorkflowStatus(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await changingWorkflow(access, params.id, async (client, workflow) => {
    if (body.status === 'active' && workflow.version === 0) {
      throw new AppError('conflict', 'Save a version first: only a saved version can be active.');
    }
    if (body.status === workflow.status) return;
    await changeWorkflow(client, workflow.uuid, { status: body.status });
    await audit(client, access, 'workflow.status_changed', workflow.id, { name: workflow.name, from: workflow.status, to: body.status });
  });
  return workflowView(await loadWorkflow(access, params.id));
}
