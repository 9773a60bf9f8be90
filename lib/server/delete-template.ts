import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { deleteTemplate as contract } from '#lib/contracts/templates.ts';
import { database } from '#lib/db/client.ts';
import { deleteTemplateRecord } from '#lib/db/templates.ts';
import { findTemplate } from '#lib/templates/catalog.ts';
import { audit } from './audit.ts';
import { noTemplate } from './template-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Deletes a template of the workspace; workflows installed from it stay. Those that come with the product are refused. */
export async function deleteTemplate(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const builtIn = findTemplate(params.id);
  if (builtIn !== undefined) {
    throw new AppError('conflict', `'${builtIn.name}' comes with Weftline and can't be deleted; only templates of your own can.`);
  }
  await database().$transaction(async (client) => {
    if (!(await deleteTemplateRecord(client, workspaceUuid(access), params.id))) throw noTemplate();
    await audit(client, access, 'template.deleted', params.id);
  });
  return null;
}
