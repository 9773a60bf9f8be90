import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listSchedules as contract, listWorkflowSchedules as ofWorkflow } from '#lib/contracts/schedules.ts';
import { databaseNow, listScheduleRecords } from '#lib/db/schedules.ts';
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

async function page(access: Access, workflowUuid: string | null, query: { limit: number; offset: number }) {
  const [{ records, total }, now] = await Promise.all([listScheduleRecords(workspaceUuid(access), workflowUuid, query), databaseNow()]);
  return { schedules: records.map((record) => scheduleView(record, now)), total };
}
