import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listScheduleFires as contract } from '#lib/contracts/schedules.ts';
import { listFireRecords } from '#lib/db/schedule-fires.ts';
import type { RunStatus } from '#lib/engine/events.ts';
import { loadSchedule } from './schedule-view.ts';

/** One page of what became of a schedule's due times, newest first. */
export async function listScheduleFires(access: Access, { params, query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { uuid } = await loadSchedule(access, params.schedule_id);
  const { records, total } = await listFireRecords(uuid, query);
  return {
    fires: records.map(({ dueAt, until, firedAt, run, kind, outcome, detail, count }) => ({
      due_at: dueAt.toISOString(),
      until: until?.toISOString() ?? null,
      count: count ?? 1,
      fired_at: firedAt.toISOString(),
      kind,
      outcome,
      detail,
      run: run === null ? null : { id: run.id, status: run.status as RunStatus },
    })),
    total,
  };
}
