import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listAllHooks as contract } from '#lib/contracts/hooks.ts';
import { listPlacedHooks } from '#lib/db/hooks.ts';
import { hookView } from './hook-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One page of the workspace's hooks, each with its workflow. */
export async function listAllHooks(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { rows, total } = await listPlacedHooks(workspaceUuid(access), query);
  const hooks = rows.map((row) => ({ ...hookView(row), workflow_name: row.workflow.name, workflow_status: row.workflow.status }));
  return { hooks, total };
}
