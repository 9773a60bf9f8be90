import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { cancelRun as contract } from '#lib/contracts/runs.ts';
import { requestCancel } from '#lib/db/control-runs.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { noRun } from './run-view.ts';

/**
 * Cancels a run: what has not started is skipped, what runs is asked to stop. `status` is the status at this moment; a
 * run that a worker drives ends within moments. Throws `conflict` for one that has ended.
 */
export async function cancelRun(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const answer = await requestCancel({ workspaceId: access.workspaceId, runId: params.run_id, catalog: stepCatalog, actor: access.actor });
  if (answer.kind === 'missing') throw noRun();
  if (answer.kind === 'refused') throw new AppError('conflict', `This run has already ended: it is ${answer.status}.`);
  return { run_id: params.run_id, status: answer.status };
}
