import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listSchedules as contract, listWorkflowSchedules as ofWorkflow } from '#lib/contracts/schedules.ts';
import { databaseNow, listScheduleRecords, type SchedulePlace } from '#lib/db/schedules.ts';
import { decodeCursor, encodeCursor, isTime, isUuid } from './cursor.ts';
import { loadWorkflow } from './load-workflow.ts';
import { scheduleView } from './schedule-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One page of the workspace's schedules, the next one due first. */
export async function listSchedules(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  return page(access, null, query);
}

/** One page of a workflow's schedules. */
export async function listWorkflowSchedules(
  access: Access,
  { params, query }: InputOf<typeof ofWorkflow>,
): Promise<AnswerOf<typeof ofWorkflow>> {
  const workflow = await loadWorkflow(access, params.id);
  return page(access, workflow.uuid, query);
}

async function page(access: Access, workflowUuid: string | null, { limit, offset, cursor }: InputOf<typeof contract>['query']) {
  const after = cursor === undefined ? null : placeOf(cursor);
  const [{ records, total, more }, now] = await Promise.all([
    listScheduleRecords(workspaceUuid(access), workflowUuid, { limit, offset, after }),
    databaseNow(),
  ]);
  const last = more ? records.at(-1) : undefined;
  return {
    schedules: records.map((record) => scheduleView(record, now)),
    total,
    next_cursor: last === undefined ? null : encodeCursor([last.nextDue?.toISOString() ?? NEVER, last.uuid]),
  };
}

/** In a cursor: nothing is due. */
const NEVER = '';

function placeOf(cursor: string): SchedulePlace {
  const [due = NEVER, uuid = ''] = decodeCursor(cursor, [(part) => part === NEVER || isTime(part), isUuid]);
  return { nextDue: due === NEVER ? null : new Date(due), uuid };
}
