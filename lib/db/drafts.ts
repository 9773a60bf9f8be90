import type { Definition } from '#lib/workflow/definition.ts';
import { readDraft } from '#lib/workflow/read-definition.ts';
import { database } from './client.ts';
import type { Draft, Prisma } from './generated/client.ts';

/** The working copy of a workflow; every workflow has one. */
export interface DraftRecord {
  readonly definition: Definition;
  /** Grows with each change of the draft. */
  readonly revision: number;
  readonly baseVersion: number;
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

export async function findDraft(workflowUuid: string, client: Prisma.TransactionClient = database()): Promise<DraftRecord | null> {
  const row = await client.draft.findUnique({ where: { workflowId: workflowUuid } });
  return row === null ? null : toRecord(row);
}

/** All but the definition: what a reader looks at again and again. */
export type DraftHead = Omit<DraftRecord, 'definition'>;

export async function findDraftHead(workflowUuid: string): Promise<DraftHead | null> {
  const select = { revision: true, baseVersion: true, updatedBy: true, updatedAt: true };
  return database().draft.findUnique({ where: { workflowId: workflowUuid }, select });
}

export interface DraftChange {
  readonly workflowUuid: string;
  readonly definition: Definition;
  readonly baseVersion: number;
  readonly updatedBy: string;
}

/** Holds the draft's row until the transaction ends, and answers its revision: saves of it wait. */
export async function lockDraft(client: Prisma.TransactionClient, workflowUuid: string): Promise<number> {
  const [row] = await client.$queryRaw<
    { revision: number }[]
  >`select revision from draft where workflow_id = ${workflowUuid}::uuid for update`;
  return row?.revision ?? 0;
}

/** Puts a draft in the place of whatever was there, at the next revision. Hold the workflow's row. */
export async function replaceDraft(client: Prisma.TransactionClient, change: DraftChange): Promise<DraftRecord> {
  const { workflowUuid, definition, baseVersion, updatedBy } = change;
  const data = { definition: definition as Prisma.InputJsonObject, baseVersion, updatedBy, updatedAt: new Date() };
  const row = await client.draft.upsert({
    where: { workflowId: workflowUuid },
    create: { ...data, workflowId: workflowUuid },
    update: { ...data, revision: { increment: 1 } },
  });
  return toRecord(row);
}

/** Saves the draft if it still is at `revision`. Null where it is not: somebody else saved in between. */
export async function saveDraftAt(
  workflowUuid: string,
  revision: number,
  change: Pick<DraftChange, 'definition' | 'updatedBy'>,
): Promise<DraftRecord | null> {
  const rows = await database().draft.updateManyAndReturn({
    where: { workflowId: workflowUuid, revision },
    data: {
      definition: change.definition as Prisma.InputJsonObject,
      updatedBy: change.updatedBy,
      updatedAt: new Date(),
      revision: { increment: 1 },
    },
  });
  return rows[0] === undefined ? null : toRecord(rows[0]);
}

function toRecord(row: Draft): DraftRecord {
  const { revision, baseVersion, updatedBy, updatedAt } = row;
  return { definition: readDraft(row.definition), revision, baseVersion, updatedBy, updatedAt };
}
