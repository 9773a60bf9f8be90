import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { updateSchedule as contract, pauseSchedule as pause } from '#lib/contracts/schedules.ts';
import { changeSchedule, databaseNow, type ScheduleData } from '#lib/db/schedules.ts';
import { requireFittingInput } from './create-schedule.ts';
import { loadWorkflow } from './load-workflow.ts';
import { loadSchedule, nextOf, noSchedule, requireSchedule, scheduleUuid, viewOf } from './schedule-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Changes what is given. A changed time, or a resumed schedule, is due next after now: nothing is caught up. */
export async function updateSchedule(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const before = await loadSchedule(access, params.schedule_id);
  const now = await databaseNow();
  requireSchedule({ cron: body.cron_expression ?? before.cronExpression, timezone: body.timezone ?? before.timezone }, now);
  if (body.input_data !== undefined) {
    await requireFittingInput(await loadWorkflow(access, (await viewOf(access, params.schedule_id)).workflow_id), body.input_data);
  }
  await change(access, params.schedule_id, now, (current) => ({
    name: body.name ?? current.name,
    cronExpression: body.cron_expression ?? current.cronExpression,
    timezone: body.timezone ?? current.timezone,
    input: body.input_data === undefined ? current.input : body.input_data,
    enabled: body.enabled ?? current.enabled,
    overlap: body.overlap ?? current.overlap,
    catchUp: body.catch_up ?? current.catchUp,
    catchUpWindow: body.catch_up_window ?? current.catchUpWindow,
    jitter: body.jitter ?? current.jitter,
  }));
  return viewOf(access, params.schedule_id);
}

/** Stops firing until it is resumed. Doing it twice changes nothing. */
export async function pauseSchedule(access: Access, { params }: InputOf<typeof pause>): Promise<AnswerOf<typeof pause>> {
  return setEnabled(access, params.schedule_id, false);
}

/** Fires again, from the next due time after now. */
export async function resumeSchedule(access: Access, { params }: InputOf<typeof pause>): Promise<AnswerOf<typeof pause>> {
  return setEnabled(access, params.schedule_id, true);
}

async function setEnabled(access: Access, id: string, enabled: boolean) {
  await change(access, id, await databaseNow(), (current) => ({ ...current, enabled }));
  return viewOf(access, id);
}

type Said = Omit<ScheduleData, 'nextDue' | 'nextAt'>;

async function change(access: Access, id: string, now: number, decide: (current: Said) => Said): Promise<void> {
  const uuid = scheduleUuid(id);
  const done = await changeSchedule(workspaceUuid(access), uuid, (current) => {
    const said = pick(decide(current));
    const before = pick(current);
    const sameTimes = (['cronExpression', 'timezone', 'enabled', 'jitter'] as const).every((key) => said[key] === before[key]);
    return { ...said, ...(sameTimes ? {} : nextOf({ ...said, uuid }, now, current.lastAt)) };
  });
  if (!done) throw noSchedule();
}

function pick({ name, cronExpression, timezone, input, enabled, overlap, catchUp, catchUpWindow, jitter }: Said): Said {
  return { name, cronExpression, timezone, input, enabled, overlap, catchUp, catchUpWindow, jitter };
}
