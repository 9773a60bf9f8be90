import type { Access } from '#lib/auth/access.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { AuditRow, listAudit as contract } from '#lib/contracts/audit.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { type AuditRecord, listAuditRecords } from '#lib/db/audit.ts';
import { decodeCursor, encodeCursor, isUuid } from './cursor.ts';
import { requireStorableText } from './storable-text.ts';
import { requireStorableTime } from './storable-time.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** One page of the workspace's audit log, newest first. */
export async function listAudit(access: Access, { query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const { limit, offset, cursor, action, actor_id: actorId, target_kind: targetKind, target_id: targetId } = query;
  requireStorableText({ action, actor_id: actorId, target_kind: targetKind, target_id: targetId });
  const after = cursor === undefined ? null : (decodeCursor(cursor, [isUuid])[0] ?? null);
  const span = { since: requireStorableTime('since', query.since), until: requireStorableTime('until', query.until) };
  const filter = { action, actorId, targetKind, targetId, ...span };
  const { records, total, more } = await listAuditRecords(workspaceUuid(access), filter, { limit, offset, after });
  const last = more ? records.at(-1) : undefined;
  return { entries: records.map(auditRow), total, next_cursor: last === undefined ? null : encodeCursor([last.uuid]) };
}

function auditRow(record: AuditRecord): AuditRow {
  return {
    id: idFromUuid('audit', record.uuid),
    at: record.createdAt.toISOString(),
    actor: { kind: record.actorKind as AuditRow['actor']['kind'], id: record.actorId, name: record.actorName },
    action: record.action,
    target: { kind: record.targetKind, id: record.targetId },
    data: (record.data ?? null) as Json,
  };
}
