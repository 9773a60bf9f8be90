import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { listApprovals as contract } from '#lib/contracts/approvals.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { listApprovalRows } from '#lib/db/waits.ts';
import { approvalView } from './approval-view.ts';
import { decodeCursor, encodeCursor, isUuid } from './cursor.ts';
import { requireStorableText } from './storable-text.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** What waits for a decision, oldest first. An id that is no run's finds nothing. */
export async function listApprovals(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { run_id: runId, step_key: step, limit, offset, cursor } = query;
  requireStorableText({ step_key: step });
  const runUuid = runId === undefined ? null : uuidFromId('run', runId);
  if (runId !== undefined && runUuid === null) return { approvals: [], total: 0, next_cursor: null };
  const after = cursor === undefined ? null : (decodeCursor(cursor, [isUuid])[0] ?? null);
  const { rows, total, more } = await listApprovalRows(workspaceUuid(access), { runUuid, step: step ?? null, limit, offset, after });
  const last = more ? rows.at(-1) : undefined;
  return {
    approvals: await Promise.all(rows.map((row) => approvalView(access, row))),
    total,
    next_cursor: last === undefined ? null : encodeCursor([last.id]),
  };
}
