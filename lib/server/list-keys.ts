import type { Access } from '#lib/auth/access.ts';
import type { listKeys as contract } from '#lib/contracts/account.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { listKeyRecords } from '#lib/db/keys.ts';
import { keyView } from './key-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** The keys of the workspace that were not revoked, newest first; never the keys themselves. */
export async function listKeys(access: Access, _input: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const keys = (await listKeyRecords(workspaceUuid(access))).map(keyView);
  return { keys, total: keys.length };
}
