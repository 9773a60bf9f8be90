import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { rollbackWorkflow as contract } from '#lib/contracts/versions.ts';
import { findVersionWithin } from '#lib/db/versions.ts';
import { changeWorkflow } from '#lib/db/workflows.ts';
import { audit } from './audit.ts';
import { changingWorkflow } from './change-workflow.ts';
import { loadWorkflow } from './load-workflow.ts';
import { saveVersion } from './save-version.ts';
import { noVersion } from './version-view.ts';
import { workflowView } from './workflow-view.ts';

/** Copies an old version forward as the newest one, and makes it the draft. History stays as it is. */
export async function rollbackWorkflow(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  await changingWorkflow(access, params.id, async (client, workflow) => {
    const target = await findVersionWithin(client, workflow.uuid, body.version);
    if (target === null) throw noVersion(body.version);
    const newest = await findVersionWithin(client, workflow.uuid, workflow.version);
    if (newest === null) throw new AppError('not_found', 'This workflow has no version yet.');
    const version = workflow.version + 1;
    await saveVersion(client, access, {
      workflowUuid: workflow.uuid,
      number: version,
      definition: target.definition,
      before: newest.definition,
      summary: `Rolled back to version ${body.version}`,
    });
    const { name, description = '' } = target.definition;
    await changeWorkflow(client, workflow.uuid, { name, description, version });
    await audit(client, access, 'workflow.rolled_back', workflow.id, { name, to_version: body.version, version });
  });
  return workflowView(await loadWorkflow(access, params.id));
}
