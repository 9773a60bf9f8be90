import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { deleteSecret as contract } from '#lib/contracts/secrets.ts';
import { deleteSecretRecord } from '#lib/db/secrets.ts';
import { requireStorableText } from './storable-text.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Deletes a secret for good. */
export async function deleteSecret(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  requireStorableText({ name: params.name });
  if (!(await deleteSecretRecord(workspaceUuid(access), params.name))) {
    throw new AppError('not_found', `There is no secret '${params.name}'.`);
  }
  return null;
}
