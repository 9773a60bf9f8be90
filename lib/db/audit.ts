import type { PoolClient } from 'pg';
import { uuidv7 } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { database } from './client.ts';
import { Prisma } from './generated/client.ts';

/** Something that somebody did. */
export interface AuditEntry {
  readonly workspaceUuid: string;
  readonly actor: { readonly kind: 'user' | 'key' | 'system'; readonly id: string; readonly name: string };
  /** `<kind of thing>.<what was done>`, e.g. `run.cancelled`. */
  readonly action: string;
  /** Wire id of the thing. */
  readonly targetId: string;
  readonly data?: JsonObject;
}

/** An entry as it is kept. */
export interface AuditRecord {
  readonly uuid: string;
  readonly actorKind: string;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  readonly data: unknown;
  readonly createdAt: Date;
}

/** Notes what is done in the caller's transaction, so that neither is there without the other. */
export async function insertAudit(entry: AuditEntry, client: Prisma.TransactionClient = database()): Promise<void> {
  const { workspaceUuid, actor, action, targetId, data } = entry;
  await client.audit.create({
    data: {
      ...{ id: uuidv7(), workspaceId: workspaceUuid, actorKind: actor.kind, actorId: actor.id, actorName: actor.name },
      ...{ action, targetKind: kindOf(action), targetId, data: (data ?? Prisma.DbNull) as Prisma.InputJsonObject },
    },
  });
}

/** As `insertAudit`, for transactions that go to `pg` directly. */
export async function insertAuditRow(client: Pick<PoolClient, 'query'>, entry: AuditEntry): Promise<void> {
  const { workspaceUuid, actor, action, targetId, data } = entry;
  await client.query(
    `insert into audit (id, workspace_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, data)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::json)`,
    [uuidv7(), workspaceUuid, actor.kind, actor.id, actor.name, action, kindOf(action), targetId, data ? JSON.stringify(data) : null],
  );
}

function kindOf(action: string): string {
  return action.split('.', 1)[0] ?? action;
}

export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
  readonly targetKind?: string | undefined;
  readonly targetId?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** One page, newest first, and whether another follows. `after` is the last uuid of the page before. */
export async function listAuditRecords(
  workspaceUuid: string,
  filter: AuditFilter,
  page: { readonly limit: number; readonly offset: number; readonly after: string | null },
): Promise<{ records: AuditRecord[]; total: number; more: boolean }> {
  const { action, actorId, targetKind, targetId, since, until } = filter;
  const where: Prisma.AuditWhereInput = {
    workspaceId: workspaceUuid,
    ...(action === undefined ? {} : { action }),
    ...(actorId === undefined ? {} : { actorId }),
    ...(targetKind === undefined ? {} : { targetKind }),
    ...(targetId === undefined ? {} : { targetId }),
    ...(since === undefined && until === undefined
      ? {}
      : { createdAt: { ...(since ? { gte: since } : {}), ...(until ? { lt: until } : {}) } }),
  };
  const [rows, total] = await Promise.all([
    database().audit.findMany({
      where: page.after === null ? where : { ...where, id: { lt: page.after } },
      orderBy: { id: 'desc' },
      take: page.limit + 1,
      skip: page.after === null ? page.offset : 0,
    }),
    database().audit.count({ where }),
  ]);
  const records = rows.slice(0, page.limit).map(({ id, workspaceId: _, ...rest }) => ({ uuid: id, ...rest }));
  return { records, total, more: rows.length > page.limit };
}
