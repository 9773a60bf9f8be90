import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { replayHookCall as contract } from '#lib/contracts/hooks.ts';
import { findCall } from '#lib/db/hook-calls.ts';
import { noCall } from './get-hook-call.ts';
import { loadHook } from './hook-view.ts';
import { startRun } from './start-run.ts';

/** Starts a run with what a stored call sent, whatever came of it then. */
export async function replayHookCall(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const hook = await loadHook(access, params);
  const call = await findCall(hook.id, params.call_id);
  if (call === null) throw noCall();
  const input: Json = { body: call.body as Json, headers: call.headers as Json, query: call.query as Json, method: call.method };
  const version = body.version === undefined ? {} : { version: body.version };
  return startRun(access, {
    params: { id: params.id },
    query: {},
    body: { input_data: input, trigger: 'webhook', draft: body.draft, priority: 0, ...version },
  });
}
