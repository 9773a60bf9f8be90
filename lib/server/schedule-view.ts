import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid, uuidFromId } from '#lib/base/ids.ts';
import type { Schedule } from '#lib/contracts/schedules.ts';
import { WorkflowStatus } from '#lib/contracts/workflows.ts';
import { databaseNow, findSchedule, type ScheduleData, type ScheduleRecord } from '#lib/db/schedules.ts';
import { firstDue } from '#lib/workflow/schedule-plan.ts';
import { type CronTime, cronInWords, nextTimes, scheduleProblems } from '#lib/workflow/schedule-time.ts';
import { workspaceUuid } from './workspace-uuid.ts';

const SHOWN_TIMES = 10;

export function noSchedule(): AppError {
  return new AppError('not_found', 'There is no such schedule.');
}

/** The database's form of a schedule id; what is no such id can't be found. */
export function scheduleUuid(id: string): string {
  const uuid = uuidFromId('sched', id);
  if (uuid === null) throw noSchedule();
  return uuid;
}

/** A schedule of the caller's workspace; throws `not_found`. */
export async function loadSchedule(access: Access, id: string): Promise<ScheduleRecord> {
  const record = await findSchedule(workspaceUuid(access), scheduleUuid(id));
  if (record === null) throw noSchedule();
  return record;
}

/** Refuses a bad expression or zone: `validation_error` with the path of each fault. */
export function requireSchedule(time: CronTime, now: number): void {
  const problems = scheduleProblems(time, now);
  if (problems.length > 0) throw new AppError('validation_error', problems[0]?.message ?? '', { details: problems });
}

/** The next due time after now (and after the last one, should the clock have been set back), and when to act on it. */
export function nextOf(
  schedule: Omit<ScheduleData, 'nextDue' | 'nextAt' | 'name' | 'input'> & { readonly uuid: string },
  now: number,
  last: Date | null,
): Pick<ScheduleData, 'nextDue' | 'nextAt'> {
  if (!schedule.enabled) return { nextDue: null, nextAt: null };
  const { uuid, cronExpression: cron, timezone, catchUp, catchUpWindow, jitter } = schedule;
  const plan = { id: uuid, cron, timezone, catchUp, catchUpWindow: catchUpWindow * 1000, jitter: jitter * 1000 };
  const next = firstDue(plan, Math.max(now, last?.getTime() ?? 0));
  return { nextDue: next === null ? null : new Date(next.due), nextAt: next === null ? null : new Date(next.at) };
}

/** A schedule as the API shows it. */
export function scheduleView(record: ScheduleRecord, now: number): Schedule {
  const time = { cron: record.cronExpression, timezone: record.timezone };
  // From the next due time on, which is earlier than now while it is being acted on.
  const after = record.nextDue === null ? now : record.nextDue.getTime() - 1;
  return {
    id: record.id,
    workflow_id: idFromUuid('wf', record.workflowUuid),
    workflow_name: record.workflowName,
    workflow_status: WorkflowStatus.catch('draft').parse(record.workflowStatus),
    name: record.name,
    cron_expression: record.cronExpression,
    timezone: record.timezone,
    description: cronInWords(record.cronExpression),
    input_data: record.input,
    enabled: record.enabled,
    overlap: record.overlap,
    catch_up: record.catchUp,
    catch_up_window: record.catchUpWindow,
    jitter: record.jitter,
    next_run_at: record.nextDue?.toISOString() ?? null,
    last_run_at: record.lastAt?.toISOString() ?? null,
    next_times: record.enabled ? nextTimes(time, after, SHOWN_TIMES).map((at) => new Date(at).toISOString()) : [],
    created_by: record.createdBy,
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
  };
}

/** A schedule of the caller's workspace as the API shows it. */
export async function viewOf(access: Access, id: string): Promise<Schedule> {
  const [record, now] = await Promise.all([loadSchedule(access, id), databaseNow()]);
  return scheduleView(record, now);
}
