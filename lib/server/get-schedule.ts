import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getSchedule as contract } from '#lib/contracts/schedules.ts';
import { viewOf } from './schedule-view.ts';

/** One schedule with its next due times. */
export async function getSchedule(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  return viewOf(access, params.schedule_id);
}
