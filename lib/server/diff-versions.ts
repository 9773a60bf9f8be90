import type { Access } from '#lib/auth/access.ts';
import type { JsonObject } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { diffVersions as contract } from '#lib/contracts/versions.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';
import { createPatch } from '#lib/workflow/patch.ts';
import { loadWorkflow } from './load-workflow.ts';
import { loadVersion } from './version-view.ts';

/** What turns one version into another: an RFC 6902 patch, and the same in words. */
export async function diffVersions(access: Access, { params, query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workflow = await loadWorkflow(access, params.id);
  const [before, after] = await Promise.all([loadVersion(workflow.uuid, query.v1), loadVersion(workflow.uuid, query.v2)]);
  return {
    diff: createPatch(before.definition as JsonObject, after.definition as JsonObject),
    summary: diffDefinitions(before.definition, after.definition, stepCatalog).summary,
    v1: query.v1,
    v2: query.v2,
  };
}
