import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { deleteHook as contract } from '#lib/contracts/hooks.ts';
import { deleteHookRecord } from '#lib/db/hooks.ts';
import { loadHook, noHook } from './hook-view.ts';
import { workflowUuid } from './load-workflow.ts';

/** Deletes a hook with its stored calls. */
export async function deleteHook(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await loadHook(access, params);
  if (!(await deleteHookRecord(workflowUuid(params.id), params.hook_id))) throw noHook();
  return null;
}
