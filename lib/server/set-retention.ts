import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { setRetention as contract } from '#lib/contracts/workflows.ts';
import { changeRetention } from '#lib/db/workflows.ts';
import { audit } from './audit.ts';
import { changingWorkflow } from './change-workflow.ts';
import { retentionSeconds } from './retention.ts';

/** Sets how long ended runs of a workflow are kept; runs that have started already keep what they started with. */
export async function setRetention(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const retention = retentionSeconds(body);
  await changingWorkflow(access, params.id, async (client, workflow) => {
    await changeRetention(client, workflow.uuid, retention);
    await audit(client, access, 'workflow.retention_changed', workflow.id, { name: workflow.name, ...retention });
  });
  return { retention };
}
