import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listHooks as contract } from '#lib/contracts/hooks.ts';
import { listHookRecords } from '#lib/db/hooks.ts';
import { hookView } from './hook-view.ts';
import { loadWorkflow, workflowUuid } from './load-workflow.ts';

/** The hooks of a workflow, oldest first. */
export async function listHooks(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await loadWorkflow(access, params.id);
  const hooks = (await listHookRecords(workflowUuid(params.id))).map(hookView);
  return { hooks, total: hooks.length };
}
