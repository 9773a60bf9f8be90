import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { deleteRun as contract } from '#lib/contracts/runs.ts';
import { deleteRun as removeRun } from '#lib/db/control-runs.ts';
import { noRun } from './run-view.ts';

/** Deletes a finished run with its events. Throws `conflict` for one that still lives. */
export async function deleteRun(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const outcome = await removeRun({ workspaceId: access.workspaceId, runId: params.run_id, actor: access.actor });
  if (outcome === 'missing') throw noRun();
  if (outcome === 'live') throw new AppError('conflict', 'This run has not ended. Cancel it first.');
  return null;
}
