import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listHookCalls as contract } from '#lib/contracts/hooks.ts';
import { listCalls } from '#lib/db/hook-calls.ts';
import { callView, loadHook } from './hook-view.ts';

/** What a hook was sent, newest first, without headers and bodies. */
export async function listHookCalls(access: Access, { params, query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const hook = await loadHook(access, params);
  const { calls, total } = await listCalls(hook.id, query);
  return { calls: calls.map(callView), total };
}
