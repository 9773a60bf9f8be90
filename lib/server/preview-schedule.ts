import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { previewSchedule as contract } from '#lib/contracts/schedules.ts';
import { databaseNow } from '#lib/db/schedules.ts';
import { cronInWords, nextTimes } from '#lib/workflow/schedule-time.ts';
import { requireSchedule } from './schedule-view.ts';

/** The next due times of an expression in a zone, after a moment. */
export async function previewSchedule(_access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const from = body.from === undefined ? await databaseNow() : Date.parse(body.from);
  const time = { cron: body.cron_expression, timezone: body.timezone };
  requireSchedule(time, from);
  const times = nextTimes(time, from, body.count).map((at) => new Date(at).toISOString());
  return { times, timezone: body.timezone, description: cronInWords(body.cron_expression) };
}
