import { idFromUuid, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import { database } from './client.ts';
import type { ApiKey, Prisma } from './generated/client.ts';

/** A stored API key; the key itself is known to its holder alone. */
export interface KeyRecord {
  /** `key_…` */
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface NewKey {
  readonly workspaceUuid: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly expiresAt: Date | null;
}

/** Stores a key. */
export async function insertKey(key: NewKey, client: Prisma.TransactionClient = database()): Promise<KeyRecord> {
  const { workspaceUuid, scopes, ...rest } = key;
  return toRecord(await client.apiKey.create({ data: { ...rest, id: uuidv7(), scopes: [...scopes], workspaceId: workspaceUuid } }));
}

/** The key with this hash, unless it was revoked or has expired. */
export async function findUsableKey(hash: string, now: Date): Promise<KeyRecord | null> {
  const row = await database().apiKey.findUnique({ where: { hash } });
  if (row === null || row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt <= now)) return null;
  return toRecord(row);
}

/** True where this key was ever stored, revoked or not. */
export async function keyExists(hash: string, client: Prisma.TransactionClient = database()): Promise<boolean> {
  return (await client.apiKey.count({ where: { hash } })) > 0;
}

/** Keys of a workspace that were not revoked, newest first. */
export async function listKeyRecords(workspaceUuid: string): Promise<KeyRecord[]> {
  const rows = await database().apiKey.findMany({ where: { workspaceId: workspaceUuid, revokedAt: null }, orderBy: { id: 'desc' } });
  return rows.map(toRecord);
}

/** Ends a key of this workspace for good. Answers its hash and name, or null where there is no such usable key. */
export async function revokeKeyRecord(
  workspaceUuid: string,
  id: string,
  now: Date,
  client: Prisma.TransactionClient = database(),
): Promise<{ readonly hash: string; readonly name: string } | null> {
  const uuid = uuidFromId('key', id);
  if (uuid === null) return null;
  const rows = await client.apiKey.updateManyAndReturn({
    where: { id: uuid, workspaceId: workspaceUuid, revokedAt: null },
    data: { revokedAt: now },
    select: { hash: true, name: true },
  });
  return rows[0] ?? null;
}

/** Notes the use of a key, unless one was noted in the last minute. */
export async function touchKey(id: string, now: Date): Promise<void> {
  const uuid = uuidFromId('key', id);
  if (uuid === null) return;
  const minuteAgo = new Date(now.getTime() - 60_000);
  await database().apiKey.updateMany({
    where: { id: uuid, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: minuteAgo } }] },
    data: { lastUsedAt: now },
  });
}

function toRecord(row: ApiKey): KeyRecord {
  const { name, prefix, scopes, createdBy, createdAt, expiresAt, lastUsedAt } = row;
  const ids = { id: idFromUuid('key', row.id), workspaceId: idFromUuid('ws', row.workspaceId) };
  return { ...ids, name, prefix, scopes, createdBy, createdAt, expiresAt, lastUsedAt };
}
