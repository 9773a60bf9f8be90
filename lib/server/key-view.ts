import { readScopes } from '#lib/auth/roles.ts';
import type { KeyRow } from '#lib/contracts/account.ts';
import type { KeyRecord } from '#lib/db/keys.ts';

/** A stored key as lists show it. */
export function keyView(record: KeyRecord): KeyRow {
  return {
    id: record.id,
    name: record.name,
    prefix: record.prefix,
    scopes: [...readScopes(record.scopes)],
    created_at: record.createdAt.toISOString(),
    expires_at: record.expiresAt?.toISOString() ?? null,
    last_used_at: record.lastUsedAt?.toISOString() ?? null,
    created_by: record.createdBy,
  };
}
