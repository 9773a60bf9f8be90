import type { Access } from '#lib/auth/access.ts';
import { database } from '#lib/db/client.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { lockWorkflow, type WorkflowRecord } from '#lib/db/workflows.ts';
import { noWorkflow, workflowUuid } from './load-workflow.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Milliseconds: for a connection, when many save at once, and for the work itself, on 10,000 steps and a busy machine. */
export const PATIENCE = { maxWait: 10_000, timeout: 30_000 } as const;

/**
 * Runs a change of one workflow in a transaction that holds its row, so that changes happen one after another.
 * Throws `not_found`; what the change throws undoes it.
 */
export async function changingWorkflow<T>(
  access: Access,
  id: string,
  change: (client: Prisma.TransactionClient, workflow: WorkflowRecord) => Promise<T>,
): Promise<T> {
  const uuid = workflowUuid(id);
  return database().$transaction(async (client) => {
    const workflow = await lockWorkflow(client, workspaceUuid(access), uuid);
    if (workflow === null) throw noWorkflow();
    return change(client, workflow);
  }, PATIENCE);
}
