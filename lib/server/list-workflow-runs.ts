import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listWorkflowRuns as contract } from '#lib/contracts/runs.ts';
import { pageOfRuns } from './list-runs.ts';
import { loadWorkflow } from './load-workflow.ts';

/** One page of the runs of a workflow, newest first. */
export async function listWorkflowRuns(access: Access, { params, query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  return pageOfRuns(access, query, workflow.uuid);
}
