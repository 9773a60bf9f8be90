import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { deleteRun as contract } from '#lib/contracts/runs.ts';
import { deleteFinishedRun } from '#lib/db/delete-runs.ts';
import { loadRun, runUuid } from './run-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Deletes a finished run with its events. Throws `conflict` for one that still lives. */
export async function deleteRun(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  if (await deleteFinishedRun(workspaceUuid(access), runUuid(params.run_id))) return null;
  await loadRun(access, params.run_id);
  throw new AppError('conflict', 'This run has not ended. Cancel it first.');
}
