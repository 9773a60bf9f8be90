import { setTimeout as pause } from 'node:timers/promises';
import type { Access } from '#lib/auth/access.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { deleteWorkflow as contract } from '#lib/contracts/workflows.ts';
import { requestCancel } from '#lib/db/control-runs.ts';
import { liveRunsOf } from '#lib/db/delete-runs.ts';
import { deleteAllRunsOf } from '#lib/db/leftovers.ts';
import { deleteWorkflowRecord } from '#lib/db/workflows.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { audit } from './audit.ts';
import { changingWorkflow } from './change-workflow.ts';
import { loadWorkflow } from './load-workflow.ts';

const BATCH = 500;
/** How long, in milliseconds, cancelled steps get to stop before their runs are taken away. */
const GRACE_MS = 3000;
const LOOK_MS = 50;

/**
 * Deletes a workflow with its versions, draft, schedules and runs. Its live runs are cancelled first, so that no step
 * goes on for a workflow that is gone. What was interrupted half-way is finished by the next call.
 */
export async function deleteWorkflow(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  await cancelLiveRuns(access, workflow.uuid);
  await deleteAllRunsOf(workflow.uuid);
  await changingWorkflow(access, params.id, async (client) => {
    await deleteWorkflowRecord(client, workflow.uuid);
    await audit(client, access, 'workflow.deleted', workflow.id, { name: workflow.name });
  });
  // Those that were started between the two. Of one that comes even later, the worker's housekeeping takes care.
  await deleteAllRunsOf(workflow.uuid);
  return null;
}

async function cancelLiveRuns(access: Access, workflowUuid: string): Promise<void> {
  const deadline = Date.now() + GRACE_MS;
  const asked = new Set<string>();
  for (;;) {
    const live = await liveRunsOf(workflowUuid, BATCH);
    if (live.length === 0) return;
    for (const uuid of live.filter((candidate) => !asked.has(candidate))) {
      await requestCancel({ workspaceId: access.workspaceId, runId: idFromUuid('run', uuid), catalog: stepCatalog });
      asked.add(uuid);
    }
    if (Date.now() >= deadline) return;
    await pause(LOOK_MS);
  }
}
