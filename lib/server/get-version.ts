import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getVersion as contract } from '#lib/contracts/versions.ts';
import { loadWorkflow } from './load-workflow.ts';
import { loadVersion, versionRow } from './version-view.ts';

/** One version with its definition. */
export async function getVersion(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  const version = await loadVersion(workflow.uuid, params.version);
  return { ...versionRow(version), definition: version.definition };
}
