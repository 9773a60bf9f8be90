import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listWorkflows as contract } from '#lib/contracts/workflows.ts';
import { nextDueOf } from '#lib/db/schedules.ts';
import { listWorkflowRecords, recentRunsOf } from '#lib/db/workflows.ts';
import { decodeCursor, encodeCursor, isTime, isUuid } from './cursor.ts';
import { requireStorableText } from './storable-text.ts';
import { RECENT_RUNS, workflowRow } from './workflow-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One page of workflows, most recently changed first, each with its newest runs. */
export async function listWorkflows(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { status, trigger_type: triggerType, tag, search, limit, offset, cursor } = query;
  requireStorableText({ tag, search });
  const { records, total, more } = await listWorkflowRecords(
    workspaceUuid(access),
    { status, triggerType, tag, search },
    { limit, offset, after: cursor === undefined ? null : readCursor(cursor) },
  );
  const uuids = records.map((record) => record.uuid);
  const [recent, due] = await Promise.all([recentRunsOf(uuids, RECENT_RUNS), nextDueOf(uuids)]);
  const last = more ? records.at(-1) : undefined;
  return {
    workflows: records.map((record) => workflowRow(record, recent.get(record.uuid) ?? [], due.get(record.uuid))),
    total,
    next_cursor: last === undefined ? null : encodeCursor([last.updatedAt.toISOString(), last.uuid]),
  };
}

function readCursor(cursor: string): { updatedAt: string; uuid: string } {
  const [updatedAt = '', uuid = ''] = decodeCursor(cursor, [isTime, isUuid]);
  return { updatedAt, uuid };
}
