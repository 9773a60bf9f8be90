import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { deleteSchedule as contract } from '#lib/contracts/schedules.ts';
import { deleteScheduleRecord } from '#lib/db/schedules.ts';
import { noSchedule, scheduleUuid } from './schedule-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Deletes a schedule and what waits for its turn. Runs that it started go on. */
export async function deleteSchedule(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  if (!(await deleteScheduleRecord(workspaceUuid(access), scheduleUuid(params.schedule_id)))) throw noSchedule();
  return null;
}
