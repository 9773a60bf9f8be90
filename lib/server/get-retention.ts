import type { Access } from '#lib/auth/access.ts';
import { isJsonObject } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getRetention as contract } from '#lib/contracts/workflows.ts';
import { retentionOf } from '#lib/db/workflows.ts';
import { loadWorkflow } from './load-workflow.ts';

/** How long ended runs of a workflow are kept, in seconds. */
export async function getRetention(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  const kept = await retentionOf(workflow.uuid);
  const secondsOf = (how: 'success' | 'error') => (isJsonObject(kept) && typeof kept[how] === 'number' ? kept[how] : null);
  return { retention: { success: secondsOf('success'), error: secondsOf('error') } };
}
