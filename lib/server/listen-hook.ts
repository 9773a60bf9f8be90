import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listenHook as contract } from '#lib/contracts/hooks.ts';
import { changeHook } from '#lib/db/hooks.ts';
import { hookView, loadHook, noHook } from './hook-view.ts';
import { workflowUuid } from './load-workflow.ts';

/** Lets the next call be a test run of the draft. Live calls go on as before once it has come, or the time is over. */
export async function listenHook(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await loadHook(access, params);
  const listenUntil = body.seconds === 0 ? null : new Date(Date.now() + body.seconds * 1000);
  const hook = await changeHook(workflowUuid(params.id), params.hook_id, { listenUntil });
  if (hook === null) throw noHook();
  return { hook: hookView(hook) };
}
