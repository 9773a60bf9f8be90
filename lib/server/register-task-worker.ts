import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { registerTaskWorker as contract } from '#lib/contracts/task-workers.ts';
import { insertTaskWorker } from '#lib/db/task-workers.ts';
import { transaction } from '#lib/db/transaction.ts';
import { findWorkflowNamed, lockWorkflowName } from '#lib/db/workflow-names.ts';
import { codeQueue } from '#lib/steps/code/definition.ts';
import { createWorkflow } from './create-workflow.ts';
import { requireValid } from './require-valid.ts';
import { setWorkflowStatus } from './set-workflow-status.ts';
import { updateWorkflow } from './update-workflow.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** What marks the workflows that come from code. */
const CODE_TAG = 'code-first';

/**
 * Makes the functions of a task worker workflows, and the worker one that is offered their runs. Throws `conflict` where a
 * workflow of a function's name was not made from code.
 */
export async function registerTaskWorker(access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflows: AnswerOf<typeof contract>['workflows'] = [];
  for (const { name, definition } of body.workflows) workflows.push({ name, ...(await publish(access, name, definition)) });
  const queues = body.queues.flatMap((queue) => body.workflows.map(({ name }) => codeQueue(queue, name)));
  const { name, concurrency, lease_ms: leaseMs } = body;
  const uuid = await insertTaskWorker({ workspaceUuid: workspaceUuid(access), name, queues, slots: concurrency, leaseMs });
  return { id: idFromUuid('worker', uuid), workflows };
}

/** Two workers that start at once make one workflow. */
async function publish(access: Access, name: string, definition: Json): Promise<{ id: string; version: number }> {
  if (requireValid(definition).name !== name) throw new AppError('validation_error', `The definition of '${name}' has another name.`);
  return transaction(async (client) => {
    await lockWorkflowName(client, workspaceUuid(access), name);
    const known = await findWorkflowNamed(client, workspaceUuid(access), name);
    if (known === null) {
      const body = { definition, trigger_type: 'manual' as const, tags: [CODE_TAG], draft: false };
      const { id, workflow } = await createWorkflow(access, { params: {}, query: {}, body });
      if (workflow.status === 'draft') await setWorkflowStatus(access, { params: { id }, query: {}, body: { status: 'active' } });
      return { id, version: workflow.version };
    }
    if (!known.tags.includes(CODE_TAG)) {
      throw new AppError('conflict', `There is a workflow '${name}' that was not made from code. Rename one of the two.`);
    }
    const { version } = await updateWorkflow(access, { params: { id: known.id }, query: {}, body: { definition } });
    return { id: known.id, version };
  });
}
