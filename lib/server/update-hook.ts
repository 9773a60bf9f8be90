import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { updateHook as contract } from '#lib/contracts/hooks.ts';
import { changeHook } from '#lib/db/hooks.ts';
import { hookSettings, requireConsistent } from './hook-settings.ts';
import { hookView, loadHook, noHook } from './hook-view.ts';
import { workflowUuid } from './load-workflow.ts';

/** Changes what is given. */
export async function updateHook(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const before = await loadHook(access, params);
  const changes = hookSettings(body, before.id);
  requireConsistent({ ...before, ...changes });
  const hook = await changeHook(workflowUuid(params.id), params.hook_id, changes);
  if (hook === null) throw noHook();
  return { hook: hookView(hook) };
}
