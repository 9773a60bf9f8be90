import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { listApprovals as contract } from '#lib/contracts/approvals.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { listApprovalRows } from '#lib/db/waits.ts';
import { approvalView } from './approval-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** What waits for a decision, oldest first. An id that is no run's finds nothing. */
export async function listApprovals(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const runUuid = query.run_id === undefined ? null : uuidFromId('run', query.run_id);
  if (query.run_id !== undefined && runUuid === null) return { approvals: [], total: 0 };
  const { rows, total } = await listApprovalRows(workspaceUuid(access), { runUuid, limit: query.limit, offset: query.offset });
  return { approvals: rows.map((row) => approvalView(access, row)), total };
}
