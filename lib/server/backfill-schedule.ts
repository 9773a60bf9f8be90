import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { backfillSchedule as contract } from '#lib/contracts/schedules.ts';
import { fireKey, holdSchedule, insertBackfill, takenTimes } from '#lib/db/schedule-fires.ts';
import { databaseNow, type ScheduleRecord, wakeSchedulers } from '#lib/db/schedules.ts';
import { transaction } from '#lib/db/transaction.ts';
import { timesBetween } from '#lib/workflow/schedule-time.ts';
import { startRuns } from './fire-schedules.ts';
import { makeRoom } from './run-limit.ts';
import { requireRunnable } from './run-schedule.ts';
import { loadSchedule } from './schedule-view.ts';

/** Due times of one call. */
const MOST = 1000;
const SHOWN = 10;

/**
 * Gives each due time of a past range a run, unless it has one. `queue` lets them go one after another, `allow` starts all
 * at once.
 */
export async function backfillSchedule(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const schedule = await loadSchedule(access, params.schedule_id);
  const { times: all, more } = timesOf(schedule, Date.parse(body.from), Date.parse(body.to), await databaseNow());
  const taken = await takenTimes(schedule.uuid, all);
  const times = all.filter((due) => !taken.has(due));
  const shown = times.slice(0, SHOWN).map((at) => new Date(at).toISOString());
  if (body.dry_run || (times.length === 0 && !more)) return { count: times.length, more, already: taken.size, times: shown, run_ids: [] };
  if (more) throw refusal('/from', `The range holds more than ${MOST} due times. Take a shorter one.`);
  const outcome = body.overlap === 'allow' ? ('started' as const) : ('waiting' as const);
  const { made, runIds, limit } = await transaction(async (client) => {
    const { held, limit } = await requireRunnable(await holdSchedule(client, schedule.uuid));
    const fires = times.map((due) => ({ scheduleUuid: schedule.uuid, due, outcome, kind: 'backfill' as const, detail: null }));
    const written = await insertBackfill(client, fires);
    const mine = times.filter((due) => written.has(fireKey(schedule.uuid, due)));
    const runs =
      outcome === 'started'
        ? await startRuns(
            client,
            mine.map((due) => ({ held, due, limit })),
          )
        : [];
    return { made: mine.length, runIds: runs, limit };
  });
  await Promise.all([wakeSchedulers(), makeRoom(limit)]);
  return { count: made, more: false, already: all.length - made, times: shown, run_ids: runIds };
}

function timesOf(schedule: ScheduleRecord, from: number, until: number, now: number): { times: number[]; more: boolean } {
  if (until <= from) throw refusal('/to', 'The range ends before it begins.');
  if (until > now) throw refusal('/to', 'A backfill ends in the past: later times are due by themselves.');
  return timesBetween({ cron: schedule.cronExpression, timezone: schedule.timezone }, from, until, MOST);
}

function refusal(path: string, message: string): AppError {
  return new AppError('validation_error', message, { details: [{ path, code: 'bad_range', message }] });
}
