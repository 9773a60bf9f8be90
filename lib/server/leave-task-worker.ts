import type { Access } from '#lib/auth/access.ts';
import type { InputOf } from '#lib/contracts/contract.ts';
import type { leaveTaskWorker as contract } from '#lib/contracts/task-workers.ts';
import { endTaskWorker } from '#lib/db/task-workers.ts';
import { noTaskWorker, taskWorkerUuid } from './task-worker-id.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Ends a task worker; what it had under way is offered to others. */
export async function leaveTaskWorker(access: Access, { params }: InputOf<typeof contract>): Promise<null> {
  if (!(await endTaskWorker(workspaceUuid(access), taskWorkerUuid(params.id)))) throw noTaskWorker();
  return null;
}
