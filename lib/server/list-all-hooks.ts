import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listAllHooks as contract } from '#lib/contracts/hooks.ts';
import { listPlacedHooks } from '#lib/db/hooks.ts';
import { decodeCursor, encodeCursor, isUuid } from './cursor.ts';
import { hookView } from './hook-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One page of the workspace's hooks, each with its workflow. */
export async function listAllHooks(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { limit, offset, cursor } = query;
  const after = cursor === undefined ? null : (decodeCursor(cursor, [isUuid])[0] ?? null);
  const { rows, total, more } = await listPlacedHooks(workspaceUuid(access), { limit, offset, after });
  const hooks = rows.map((row) => ({ ...hookView(row), workflow_name: row.workflow.name, workflow_status: row.workflow.status }));
  const last = more ? rows.at(-1) : undefined;
  return { hooks, total, next_cursor: last === undefined ? null : encodeCursor([last.id]) };
}
