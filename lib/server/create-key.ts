import type { Access } from '#lib/auth/access.ts';
import { hashApiKey, makeApiKey, shownPrefix } from '#lib/auth/api-key.ts';
import { AppError } from '#lib/base/errors.ts';
import type { createKey as contract } from '#lib/contracts/account.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { database } from '#lib/db/client.ts';
import { insertKey } from '#lib/db/keys.ts';
import { audit } from './audit.ts';
import { keyView } from './key-view.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** Makes a key. It can do no more than its maker; the key itself stands in this answer alone. */
export async function createKey(access: Access, { body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const beyond = body.scopes.filter((scope) => !access.permissions.has(scope));
  if (beyond.length > 0) throw new AppError('forbidden', `A key can't do more than its maker: ${beyond.join(', ')}.`);
  const expiresAt = body.expires_at === null ? null : new Date(body.expires_at);
  if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
    const message = 'The expiry must be in the future';
    throw new AppError('validation_error', message, { details: [{ path: '/expires_at', code: 'in_the_past', message }] });
  }
  const key = makeApiKey();
  const made = {
    workspaceUuid: workspaceUuid(access),
    name: body.name,
    prefix: shownPrefix(key),
    hash: hashApiKey(key),
    scopes: [...new Set(body.scopes)],
    createdBy: access.actor.name,
    expiresAt,
  };
  const record = await database().$transaction(async (client) => {
    const stored = await insertKey(made, client);
    await audit(client, access, 'key.created', stored.id, { name: made.name, prefix: made.prefix, scopes: made.scopes });
    return stored;
  });
  return { key, row: keyView(record) };
}
