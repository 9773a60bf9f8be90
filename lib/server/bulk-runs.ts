import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { type bulkRuns as contract, MAX_BULK } from '#lib/contracts/run-control.ts';
import { requestCancel, requestReopen } from '#lib/db/control-runs.ts';
import { listRunRecords } from '#lib/db/run-list.ts';
import type { RunStatus } from '#lib/engine/events.ts';
import { accepted } from './control-answer.ts';
import { deleteRun } from './delete-run.ts';
import { placeOf } from './run-place.ts';
import { requireStorableText } from './storable-text.ts';
import { workspaceUuid } from './workspace-uuid.ts';

type Body = InputOf<typeof contract>['body'];

/** What is asked of each status where a filter names none; the others would be refused one by one. */
const FITTING: Readonly<Record<Body['action'], readonly RunStatus[]>> = {
  cancel: ['queued', 'running', 'waiting', 'pausing', 'paused'],
  retry: ['failed', 'cancelled'],
  delete: ['completed', 'failed', 'cancelled'],
};

/** Does the same to many runs, each by itself: what one refuses does not keep it from the others. */
export async function bulkRuns(access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { ids, more } = body.run_ids === undefined ? await matching(access, body) : { ids: [...new Set(body.run_ids)], more: false };
  const done: string[] = [];
  const failed: AnswerOf<typeof contract>['failed'] = [];
  for (const runId of ids) {
    try {
      await act(access, body, runId);
      done.push(runId);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      failed.push({ run_id: runId, code: thrown.code, message: thrown.message });
    }
  }
  return { done, failed, more };
}

async function act(access: Access, { action, rollback }: Body, runId: string): Promise<void> {
  const place = placeOf(access, runId);
  switch (action) {
    case 'cancel':
      accepted(await requestCancel(place, rollback), 'cancelled');
      break;
    case 'retry':
      accepted(await requestReopen(place, { kind: 'retry', fromStep: null }), 'retried');
      break;
    case 'delete':
      await deleteRun(access, { params: { run_id: runId }, query: {}, body: {} });
      break;
  }
}

async function matching(access: Access, { action, filter = {} }: Body): Promise<{ ids: string[]; more: boolean }> {
  const { workflow_id: workflowId, status, trigger, version } = filter;
  requireStorableText({ trigger });
  const workflowUuid = workflowId === undefined ? undefined : uuidFromId('wf', workflowId);
  if (workflowUuid === null) return { ids: [], more: false };
  const wanted = { workflowUuid, trigger, version, ...(status === undefined ? { statuses: FITTING[action] } : { status }) };
  const { records, more } = await listRunRecords(workspaceUuid(access), wanted, { limit: MAX_BULK, offset: 0, after: null });
  return { ids: records.map((record) => record.id), more };
}
