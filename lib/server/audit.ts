import type { Access } from '#lib/auth/access.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { type AuditEntry, insertAudit } from '#lib/db/audit.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** What the caller did, as the audit log keeps it. */
export function auditEntry(access: Access, action: string, targetId: string, data?: JsonObject): AuditEntry {
  return { workspaceUuid: workspaceUuid(access), actor: access.actor, action, targetId, ...(data === undefined ? {} : { data }) };
}

/** Notes what the caller did, in the transaction that does it. */
export async function audit(
  client: Prisma.TransactionClient,
  access: Access,
  action: string,
  targetId: string,
  data?: JsonObject,
): Promise<void> {
  await insertAudit(auditEntry(access, action, targetId, data), client);
}
