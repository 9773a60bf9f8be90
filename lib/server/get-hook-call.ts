import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getHookCall as contract } from '#lib/contracts/hooks.ts';
import { findCall } from '#lib/db/hook-calls.ts';
import { callView, loadHook } from './hook-view.ts';

export function noCall(): AppError {
  return new AppError('not_found', 'There is no such call.');
}

/** A call with all that was sent. */
export async function getHookCall(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const hook = await loadHook(access, params);
  const call = await findCall(hook.id, params.call_id);
  if (call === null) throw noCall();
  return { call: { ...callView(call), query: call.query as Json, headers: call.headers as Json, body: call.body as Json } };
}
