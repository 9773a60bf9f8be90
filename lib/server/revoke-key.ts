import type { Access } from '#lib/auth/access.ts';
import { forgetKey } from '#lib/auth/key-access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { revokeKey as contract } from '#lib/contracts/account.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { revokeKeyRecord } from '#lib/db/keys.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Ends a key: at once in this process, within 5 s in every other. */
export async function revokeKey(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const hash = await revokeKeyRecord(workspaceUuid(access), params.id, new Date());
  if (hash === null) throw new AppError('not_found', 'There is no such API key.');
  forgetKey(hash);
  return null;
}
