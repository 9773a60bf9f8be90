import type { Definition } from '#lib/workflow/definition.ts';
import { readDefinition } from '#lib/workflow/read-definition.ts';
import { database } from './client.ts';
import { loadDefinition } from './definitions.ts';
import type { Prisma, Version } from './generated/client.ts';

/** A version without its definition. */
export interface VersionRecord {
  readonly number: number;
  readonly uuid: string;
  readonly definitionHash: string;
  readonly changeSummary: string;
  readonly author: string;
  readonly createdAt: Date;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** A version with what it says. */
export interface FullVersion extends VersionRecord {
  readonly definition: Definition;
}

/** A version of a workflow, or null. */
export async function findVersion(workflowUuid: string, number: number): Promise<FullVersion | null> {
  const row = await database().version.findUnique({ where: { workflowId_number: { workflowId: workflowUuid, number } } });
  return row === null ? null : { ...toRecord(row), definition: await loadDefinition(row.definitionHash) };
}

/** As `findVersion` inside a transaction: on its connection alone, because a second one could be what everybody waits for. */
export async function findVersionWithin(
  client: Prisma.TransactionClient,
  workflowUuid: string,
  number: number,
): Promise<FullVersion | null> {
  const row = await client.version.findUnique({
    where: { workflowId_number: { workflowId: workflowUuid, number } },
    include: { definition: { select: { document: true } } },
  });
  return row === null ? null : { ...toRecord(row), definition: readDefinition(row.definition.document) };
}

/** One page of the versions of a workflow, newest first, and the number of all. */
export async function listVersionRecords(
  workflowUuid: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ records: VersionRecord[]; total: number }> {
  const where = { workflowId: workflowUuid };
  const [rows, total] = await Promise.all([
    database().version.findMany({ where, orderBy: { number: 'desc' }, take: page.limit, skip: page.offset }),
    database().version.count({ where }),
  ]);
  return { records: rows.map(toRecord), total };
}

export interface NewVersion
  extends Pick<VersionRecord, 'number' | 'definitionHash' | 'changeSummary' | 'author' | 'added' | 'changed' | 'removed'> {
  readonly workflowUuid: string;
}

/** Adds a version. Nothing ever changes one. */
export async function insertVersion(client: Prisma.TransactionClient, { workflowUuid, ...rest }: NewVersion): Promise<void> {
  await client.version.create({ data: { ...rest, workflowId: workflowUuid } });
}

function toRecord(row: Version): VersionRecord {
  const { number, uuid, definitionHash, changeSummary, author, createdAt, added, changed, removed } = row;
  return { number, uuid, definitionHash, changeSummary, author, createdAt, added, changed, removed };
}
