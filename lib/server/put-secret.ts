import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { putSecret as contract } from '#lib/contracts/secrets.ts';
import { putSecretRecord } from '#lib/db/secrets.ts';
import { seal } from './seal.ts';
import { secretPlace, secretView } from './secret-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Creates a secret or replaces its value. From here on only the worker reads it. */
export async function putSecret(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const workspace = workspaceUuid(access);
  const sealed = seal(body.value, secretPlace(workspace, params.name));
  return secretView(await putSecretRecord(workspace, params.name, { sealed, description: body.description, by: access.actor.name }));
}
