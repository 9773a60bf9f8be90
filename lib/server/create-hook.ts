import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { uuidv7 } from '#lib/base/ids.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { createHook as contract } from '#lib/contracts/hooks.ts';
import { type HookSettings, insertHook, listHookRecords } from '#lib/db/hooks.ts';
import { hookSettings, requireConsistent } from './hook-settings.ts';
import { hookView, newAddress } from './hook-view.ts';
import { loadWorkflow, workflowUuid } from './load-workflow.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Hooks that one workflow may have. */
const MOST_HOOKS = 50;

/** Makes a hook. Its address is in this answer alone. */
export async function createHook(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await loadWorkflow(access, params.id);
  const workflow = workflowUuid(params.id);
  if ((await listHookRecords(workflow)).length >= MOST_HOOKS) {
    throw new AppError('conflict', `A workflow has at most ${MOST_HOOKS} hooks. Delete one first.`);
  }
  const id = uuidv7();
  const settings = hookSettings(body, id) as HookSettings;
  const whole = { ...settings, sealedSecret: settings.sealedSecret ?? null };
  requireConsistent(whole);
  const { path, stored } = newAddress();
  const place = { workspaceUuid: workspaceUuid(access), workflowUuid: workflow, by: access.actor.name };
  return { hook: hookView(await insertHook(place, whole, stored, id)), path };
}
