import { uuidv7 } from '#lib/base/ids.ts';
import { database } from './client.ts';
import type { Secret } from './generated/client.ts';

/** A stored secret without its value. */
export interface SecretRecord {
  readonly name: string;
  readonly description: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Without `sealed`, so that a list can't carry it anywhere. */
const SHOWN = { name: true, description: true, createdBy: true, createdAt: true, updatedAt: true } as const;

/** Secrets of a workspace by name. */
export async function listSecretRecords(workspaceUuid: string): Promise<SecretRecord[]> {
  return database().secret.findMany({ where: { workspaceId: workspaceUuid }, orderBy: { name: 'asc' }, select: SHOWN });
}

/** Creates a secret, or replaces its value; a description that is not given stays. */
export async function putSecretRecord(
  workspaceUuid: string,
  name: string,
  secret: { readonly sealed: Uint8Array<ArrayBuffer>; readonly description: string | undefined; readonly by: string },
): Promise<SecretRecord> {
  const { sealed, description, by } = secret;
  const now = new Date();
  return database().secret.upsert({
    where: { workspaceId_name: { workspaceId: workspaceUuid, name } },
    create: { id: uuidv7(), workspaceId: workspaceUuid, name, description: description ?? '', sealed, createdBy: by },
    update: { sealed, updatedAt: now, ...(description === undefined ? {} : { description }) },
    select: SHOWN,
  });
}

/** Deletes a secret. False where there is none of that name. */
export async function deleteSecretRecord(workspaceUuid: string, name: string): Promise<boolean> {
  return (await database().secret.deleteMany({ where: { workspaceId: workspaceUuid, name } })).count > 0;
}

/** The sealed values of these secrets, by name; those that are not there are left out. */
export async function sealedSecrets(workspaceUuid: string, names: readonly string[]): Promise<Map<string, Uint8Array>> {
  const where = { workspaceId: workspaceUuid, name: { in: [...names] } };
  const rows = await database().secret.findMany({ where, select: { name: true, sealed: true } });
  return new Map(rows.map((row) => [row.name, row.sealed]));
}

type SealedRow = Pick<Secret, 'id' | 'workspaceId' | 'name' | 'sealed'>;

/** Hands every sealed value of the instance to `anew`; what it answers is stored, unless the secret was set meanwhile. */
export async function resealSecretRecords(anew: (row: SealedRow) => Uint8Array<ArrayBuffer> | null): Promise<number> {
  const rows = await database().secret.findMany({ select: { id: true, workspaceId: true, name: true, sealed: true } });
  let changed = 0;
  for (const row of rows) {
    const sealed = anew(row);
    if (sealed === null) continue;
    changed += (await database().secret.updateMany({ where: { id: row.id, sealed: row.sealed }, data: { sealed } })).count;
  }
  return changed;
}
