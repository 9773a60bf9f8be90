import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { rotateHook as contract } from '#lib/contracts/hooks.ts';
import { changeHook } from '#lib/db/hooks.ts';
import { hookView, loadHook, newAddress, noHook } from './hook-view.ts';
import { workflowUuid } from './load-workflow.ts';

/** Gives a hook a new address; calls to the old one are answered like calls to nowhere from now on. */
export async function rotateHook(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await loadHook(access, params);
  const { path, stored } = newAddress();
  const hook = await changeHook(workflowUuid(params.id), params.hook_id, stored);
  if (hook === null) throw noHook();
  return { hook: hookView(hook), path };
}
