import type { SecretRow } from '#lib/contracts/secrets.ts';
import type { SecretRecord } from '#lib/db/secrets.ts';

/** A stored secret as lists show it. */
export function secretView(record: SecretRecord): SecretRow {
  return {
    name: record.name,
    description: record.description,
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
    created_by: record.createdBy,
  };
}

/** What a secret is sealed to: moved to another workspace or name, it does not open. */
export function secretPlace(workspaceUuid: string, name: string): string {
  return `secret:${workspaceUuid}:${name}`;
}
