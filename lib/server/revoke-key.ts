import type { Access } from '#lib/auth/access.ts';
import { forgetKey } from '#lib/auth/key-access.ts';
import { AppError } from '#lib/base/errors.ts';
import type { revokeKey as contract } from '#lib/contracts/account.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { database } from '#lib/db/client.ts';
import { revokeKeyRecord } from '#lib/db/keys.ts';
import { audit } from './audit.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Ends a key: at once in this process, within a second in every other. */
export async function revokeKey(access: Access, { params }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const hash = await database().$transaction(async (client) => {
    const revoked = await revokeKeyRecord(workspaceUuid(access), params.id, new Date(), client);
    if (revoked !== null) await audit(client, access, 'key.revoked', params.id, { name: revoked.name });
    return revoked?.hash ?? null;
  });
  if (hash === null) throw new AppError('not_found', 'There is no such API key.');
  forgetKey(hash);
  return null;
}
