import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid, uuidv7 } from '#lib/base/ids.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { createSchedule as contract } from '#lib/contracts/schedules.ts';
import { databaseNow, insertSchedule } from '#lib/db/schedules.ts';
import { findVersion } from '#lib/db/versions.ts';
import type { WorkflowRecord } from '#lib/db/workflows.ts';
import { requireInput } from './check-input.ts';
import { loadWorkflow } from './load-workflow.ts';
import { nextOf, requireSchedule, viewOf } from './schedule-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Gives a workflow a schedule. Its expression, zone and input are checked now, and the input again at each due time. */
export async function createSchedule(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  if (workflow.status === 'archived') throw new AppError('conflict', 'This workflow is archived. Set another status to schedule it.');
  const now = await databaseNow();
  requireSchedule({ cron: body.cron_expression, timezone: body.timezone }, now);
  await requireFittingInput(workflow, body.input_data);
  const { name, timezone, enabled, overlap, jitter } = body;
  const given = { name, timezone, enabled, overlap, jitter, cronExpression: body.cron_expression, input: body.input_data };
  const data = { ...given, uuid: uuidv7(), catchUp: body.catch_up, catchUpWindow: body.catch_up_window };
  await insertSchedule({
    ...data,
    ...nextOf(data, now, null),
    workspaceUuid: workspaceUuid(access),
    workflowUuid: workflow.uuid,
    createdBy: access.actor.name,
  });
  const id = idFromUuid('sched', data.uuid);
  return { schedule_id: id, schedule: await viewOf(access, id) };
}

/** Refuses an input that the newest version would refuse; the paths are those of the body. */
export async function requireFittingInput(workflow: Pick<WorkflowRecord, 'uuid' | 'version'>, input: unknown): Promise<void> {
  const newest = workflow.version === 0 ? null : await findVersion(workflow.uuid, workflow.version);
  if (newest === null) return;
  try {
    requireInput(newest.definition.input_schema, input as never);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const details = (thrown.details ?? []).map((problem) => ({ ...problem, path: `/input_data${problem.path}` }));
    throw new AppError('validation_error', thrown.message, { details });
  }
}
