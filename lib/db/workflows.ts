import { idFromUuid } from '#lib/base/ids.ts';
import { TEST_TRIGGER } from '#lib/engine/trial.ts';
import { database } from './client.ts';
import { Prisma, type Workflow } from './generated/client.ts';

/** A workflow without its definition. */
export interface WorkflowRecord {
  readonly uuid: string;
  /** `wf_…` */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly status: string;
  readonly triggerType: string;
  readonly tags: readonly string[];
  /** Number of the newest version, 0 while there is only a draft. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface WorkflowFilter {
  readonly status?: string | undefined;
  readonly triggerType?: string | undefined;
  readonly tag?: string | undefined;
  /** Part of the name or the description, in any case. */
  readonly search?: string | undefined;
}

/** A workflow of this workspace, or null. */
export async function findWorkflow(
  workspaceUuid: string,
  uuid: string,
  client: Prisma.TransactionClient = database(),
): Promise<WorkflowRecord | null> {
  const row = await client.workflow.findFirst({ where: { id: uuid, workspaceId: workspaceUuid } });
  return row === null ? null : toRecord(row);
}

/** As `findWorkflow`, and holds the row until the transaction ends: changes to one workflow happen one after another. */
export async function lockWorkflow(client: Prisma.TransactionClient, workspaceUuid: string, uuid: string): Promise<WorkflowRecord | null> {
  await client.$queryRaw`select 1 from workflow where id = ${uuid}::uuid and workspace_id = ${workspaceUuid}::uuid for update`;
  return findWorkflow(workspaceUuid, uuid, client);
}

export interface NewWorkflow {
  readonly uuid: string;
  readonly workspaceUuid: string;
  readonly name: string;
  readonly description: string;
  readonly triggerType: string;
  readonly tags: readonly string[];
  readonly version: number;
  readonly createdBy: string;
}

export async function insertWorkflow(client: Prisma.TransactionClient, made: NewWorkflow): Promise<void> {
  const { uuid, workspaceUuid, tags, version, ...rest } = made;
  await client.workflow.create({ data: { ...rest, id: uuid, workspaceId: workspaceUuid, tags: [...tags], currentVersion: version } });
}

/** Members that are left out stay as they are; `updatedAt` moves in any case. */
export interface WorkflowChange {
  readonly name?: string;
  readonly description?: string;
  readonly version?: number;
  readonly tags?: readonly string[] | undefined;
  readonly status?: string;
}

export async function changeWorkflow(client: Prisma.TransactionClient, uuid: string, change: WorkflowChange): Promise<void> {
  const { version, tags, ...rest } = change;
  await client.workflow.update({
    where: { id: uuid },
    data: {
      ...rest,
      ...(version === undefined ? {} : { currentVersion: version }),
      ...(tags === undefined ? {} : { tags: [...tags] }),
      updatedAt: new Date(),
    },
  });
}

/** Where a page starts: after a row in the order of the list, or after a number of rows. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly after: { readonly updatedAt: string; readonly uuid: string } | null;
}

/** One page, most recently changed first, the number of all that match, and whether the page is followed by another. */
export async function listWorkflowRecords(
  workspaceUuid: string,
  filter: WorkflowFilter,
  page: Page,
): Promise<{ records: WorkflowRecord[]; total: number; more: boolean }> {
  const where: Prisma.WorkflowWhereInput = { workspaceId: workspaceUuid, ...filterOf(filter) };
  const [rows, total] = await Promise.all([
    database().workflow.findMany({
      where: page.after === null ? where : { AND: [where, beyond(page.after)] },
      orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
      take: page.limit + 1,
      skip: page.after === null ? page.offset : 0,
    }),
    database().workflow.count({ where }),
  ]);
  return { records: rows.slice(0, page.limit).map(toRecord), total, more: rows.length > page.limit };
}

function filterOf({ status, triggerType, tag, search }: WorkflowFilter): Prisma.WorkflowWhereInput {
  // Prisma hands the text to LIKE as it is; without the backslashes `50%` would match `500`.
  const pattern = search?.trim().replace(/[\\%_]/g, '\\$&');
  return {
    ...(status === undefined ? {} : { status }),
    ...(triggerType === undefined ? {} : { triggerType }),
    ...(tag === undefined ? {} : { tags: { has: tag } }),
    ...(pattern ? { OR: [{ name: like(pattern) }, { description: like(pattern) }] } : {}),
  };
}

function like(pattern: string): Prisma.StringFilter {
  return { contains: pattern, mode: 'insensitive' };
}

function beyond({ updatedAt, uuid }: NonNullable<Page['after']>): Prisma.WorkflowWhereInput {
  return { OR: [{ updatedAt: { lt: new Date(updatedAt) } }, { updatedAt: new Date(updatedAt), id: { lt: uuid } }] };
}

/** Of each workflow the newest real runs (no tests), newest first: one look-up for a whole page. */
export interface RecentRun {
  readonly id: string;
  readonly status: string;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

export async function recentRunsOf(workflowUuids: readonly string[], most: number): Promise<Map<string, RecentRun[]>> {
  const found = new Map<string, RecentRun[]>(workflowUuids.map((uuid) => [uuid, []]));
  if (workflowUuids.length === 0) return found;
  const rows = await database().$queryRaw<
    { workflow_id: string; id: string; status: string; started_at: Date | null; completed_at: Date | null }[]
  >(Prisma.sql`
    select recent.* from unnest(${[...workflowUuids]}::uuid[]) as wanted(id)
    cross join lateral (
      select run.workflow_id, run.id, run.status, run.started_at, run.completed_at
      from run where run.workflow_id = wanted.id and run.trigger <> ${TEST_TRIGGER} order by run.id desc limit ${most}
    ) as recent`);
  for (const row of rows) {
    found.get(row.workflow_id)?.push({
      id: idFromUuid('run', row.id),
      status: row.status,
      startedAt: row.started_at,
      completedAt: row.completed_at,
    });
  }
  return found;
}

function toRecord(row: Workflow): WorkflowRecord {
  const { name, description, status, triggerType, tags, createdAt, updatedAt } = row;
  return {
    uuid: row.id,
    id: idFromUuid('wf', row.id),
    name,
    description,
    status,
    triggerType,
    tags,
    version: row.currentVersion,
    createdAt,
    updatedAt,
  };
}

/** How long its ended runs are kept, in seconds; null for ever. */
export async function retentionOf(uuid: string): Promise<unknown> {
  return (await database().workflow.findUnique({ where: { id: uuid }, select: { retention: true } }))?.retention ?? null;
}

export async function changeRetention(
  client: Prisma.TransactionClient,
  uuid: string,
  retention: { readonly success: number | null; readonly error: number | null },
): Promise<void> {
  await client.workflow.update({ where: { id: uuid }, data: { retention: { ...retention } } });
}

/** A workflow without versions is listed under the name in its draft. */
export async function renameUnsaved(client: Prisma.TransactionClient, uuid: string, name: string, description: string): Promise<void> {
  await client.workflow.updateMany({
    where: { id: uuid, currentVersion: 0, NOT: { name, description } },
    data: { name, description, updatedAt: new Date() },
  });
}

/** Deletes a workflow; versions, draft, schedules and hooks go with it. Its runs are the caller's to delete. */
export async function deleteWorkflowRecord(client: Prisma.TransactionClient, uuid: string): Promise<void> {
  await client.workflow.delete({ where: { id: uuid } });
}
