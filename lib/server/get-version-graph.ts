import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getVersionGraph as contract } from '#lib/contracts/versions.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { versionTree } from '#lib/workflow/version-tree.ts';
import { loadWorkflow } from './load-workflow.ts';
import { loadVersion } from './version-view.ts';

/** One version as a tree of what runs one after another, side by side, in which case and again and again. */
export async function getVersionGraph(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  const version = await loadVersion(workflow.uuid, params.version);
  return { version: version.number, uuid: version.uuid, graph: versionTree(version.definition, stepCatalog) };
}
