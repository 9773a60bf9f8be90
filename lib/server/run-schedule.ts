import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { runSchedule as contract } from '#lib/contracts/schedules.ts';
import type { NewRunLimit } from '#lib/db/limits.ts';
import { fireKey, type HeldSchedule, holdSchedule, insertFires } from '#lib/db/schedule-fires.ts';
import { transaction } from '#lib/db/transaction.ts';
import { startRuns } from './fire-schedules.ts';
import { makeRoom } from './run-limit.ts';
import { readinessOf } from './schedule-run.ts';
import { loadSchedule, noSchedule } from './schedule-view.ts';

/** Starts a run with the schedule's input now; the schedule's due times are not touched. */
export async function runSchedule(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { uuid } = await loadSchedule(access, params.schedule_id);
  const { runId, limit } = await transaction(async (client) => {
    const { held, limit } = await requireRunnable(await holdSchedule(client, uuid));
    const fire = { scheduleUuid: uuid, outcome: 'started', kind: 'manual', detail: null } as const;
    // Two within a millisecond are two wishes.
    let due = held.now;
    while (!(await insertFires(client, [{ ...fire, due }])).has(fireKey(uuid, due))) due += 1;
    const [runId = ''] = await startRuns(client, [{ held, due, limit }], 'manual');
    return { runId, limit };
  });
  await makeRoom(limit);
  return { run_id: runId };
}

/** A schedule whose workflow can run now, and the limit of its runs; throws `conflict` or `validation_error` where it cannot. */
export async function requireRunnable(
  held: HeldSchedule | null,
): Promise<{ readonly held: HeldSchedule; readonly limit: NewRunLimit | null }> {
  if (held === null) throw noSchedule();
  if (held.workflowStatus === 'archived') throw new AppError('conflict', 'This workflow is archived. Set another status to run it.');
  if (held.definitionHash === null) throw new AppError('conflict', 'This workflow has no version yet. Save one first.');
  const ready = await readinessOf(held);
  if (ready.refusal === null) return { held, limit: ready.limit };
  const problem = { path: '/input_data', code: 'bad_input', message: ready.refusal };
  throw new AppError('validation_error', ready.refusal, { details: [problem] });
}
