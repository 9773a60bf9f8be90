import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listRuns as contract, listWorkflowRuns } from '#lib/contracts/runs.ts';
import { listRunRecords } from '#lib/db/run-list.ts';
import { decodeCursor, encodeCursor, isUuid } from './cursor.ts';
import { runRow } from './run-view.ts';
import { requireStorableText } from './storable-text.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One page of the runs of the workspace, newest first; of an unknown workflow there are none. */
export async function listRuns(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  if (query.workflow_id === undefined) return pageOfRuns(access, query, undefined);
  const workflowUuid = uuidFromId('wf', query.workflow_id);
  if (workflowUuid === null) return { runs: [], total: 0, next_cursor: null };
  return pageOfRuns(access, query, workflowUuid);
}

/** What both lists of runs do. */
export async function pageOfRuns(
  access: Access,
  query: InputOf<typeof listWorkflowRuns>['query'],
  workflowUuid: string | undefined,
): Promise<AnswerOf<typeof contract>> {
  const { status, trigger, version, parent_run_id, parent_step: parentStep, external_id: externalId, limit, offset, cursor } = query;
  requireStorableText({ trigger, parent_step: parentStep, external_id: externalId });
  const parentRunUuid = parent_run_id === undefined ? undefined : uuidFromId('run', parent_run_id);
  if (parentRunUuid === null) return { runs: [], total: 0, next_cursor: null };
  const after = cursor === undefined ? null : (decodeCursor(cursor, [isUuid])[0] ?? null);
  const filter = { workflowUuid, status, trigger, version, parentRunUuid, parentStep, externalId };
  const { records, total, more } = await listRunRecords(workspaceUuid(access), filter, { limit, offset, after });
  const last = more ? records.at(-1) : undefined;
  return { runs: records.map(runRow), total, next_cursor: last === undefined ? null : encodeCursor([last.uuid]) };
}
