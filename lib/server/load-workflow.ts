import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import { findWorkflow, type WorkflowRecord } from '#lib/db/workflows.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** What cannot be found and what belongs to another workspace look alike. */
export function noWorkflow(): AppError {
  return new AppError('not_found', 'There is no such workflow.');
}

/** The database's form of a workflow id; what is no such id can't be found. */
export function workflowUuid(id: string): string {
  const uuid = uuidFromId('wf', id);
  if (uuid === null) throw noWorkflow();
  return uuid;
}

/** A workflow of the caller's workspace; throws `not_found`. */
export async function loadWorkflow(access: Access, id: string): Promise<WorkflowRecord> {
  const record = await findWorkflow(workspaceUuid(access), workflowUuid(id));
  if (record === null) throw noWorkflow();
  return record;
}
