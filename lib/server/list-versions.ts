import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listVersions as contract } from '#lib/contracts/versions.ts';
import { listVersionRecords } from '#lib/db/versions.ts';
import { loadWorkflow } from './load-workflow.ts';
import { versionRow } from './version-view.ts';

/** The history of a workflow, newest first. */
export async function listVersions(access: Access, { params, query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  const { records, total } = await listVersionRecords(workflow.uuid, query);
  return { versions: records.map(versionRow), total };
}
