import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { listSecrets as contract } from '#lib/contracts/secrets.ts';
import { listSecretRecords } from '#lib/db/secrets.ts';
import { secretView } from './secret-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** The secrets of the workspace by name; never their values. */
export async function listSecrets(access: Access, _input: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const secrets = (await listSecretRecords(workspaceUuid(access))).map(secretView);
  return { secrets, total: secrets.length };
}
