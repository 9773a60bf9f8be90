import { idFromUuid, uuidFromId } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { database } from './client.ts';
import type { Prisma, Template } from './generated/client.ts';

/** A template of a workspace's own. */
export interface TemplateRecord {
  /** `tpl_…` */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly tags: readonly string[];
  readonly parameters: JsonObject;
  readonly readme: string;
  readonly definition: JsonObject;
}

export interface NewTemplate extends Omit<TemplateRecord, 'id'> {
  readonly uuid: string;
  readonly workspaceUuid: string;
  readonly createdBy: string;
}

/** A page of own templates by name, and how many match in all. */
export async function listTemplateRecords(
  workspaceUuid: string,
  category: string | undefined,
  page: { readonly skip: number; readonly take: number },
): Promise<{ records: TemplateRecord[]; total: number }> {
  const where = { workspaceId: workspaceUuid, ...(category === undefined ? {} : { category }) };
  const [rows, total] = await Promise.all([
    page.take === 0 ? [] : database().template.findMany({ where, orderBy: [{ name: 'asc' }], ...page }),
    database().template.count({ where }),
  ]);
  return { records: rows.map(toRecord), total };
}

/** The template of this workspace, or null. */
export async function findTemplateRecord(workspaceUuid: string, id: string): Promise<TemplateRecord | null> {
  const uuid = uuidFromId('tpl', id);
  if (uuid === null) return null;
  const row = await database().template.findFirst({ where: { id: uuid, workspaceId: workspaceUuid } });
  return row === null ? null : toRecord(row);
}

/** Stores a template. False where the workspace has one of this name. */
export async function insertTemplate(client: Prisma.TransactionClient, made: NewTemplate): Promise<boolean> {
  const { uuid, workspaceUuid, tags, parameters, definition, ...rest } = made;
  const json = { parameters: parameters as Prisma.InputJsonObject, definition: definition as Prisma.InputJsonObject };
  const data = { ...rest, ...json, id: uuid, workspaceId: workspaceUuid, tags: [...tags] };
  const { count } = await client.template.createMany({ data: [data], skipDuplicates: true });
  return count === 1;
}

/** Deletes a template of this workspace. False where there is none. */
export async function deleteTemplateRecord(client: Prisma.TransactionClient, workspaceUuid: string, id: string): Promise<boolean> {
  const uuid = uuidFromId('tpl', id);
  return uuid !== null && (await client.template.deleteMany({ where: { id: uuid, workspaceId: workspaceUuid } })).count > 0;
}

function toRecord(row: Template): TemplateRecord {
  const { id, name, description, category, tags, readme } = row;
  const json = { parameters: row.parameters as JsonObject, definition: row.definition as JsonObject };
  return { id: idFromUuid('tpl', id), name, description, category, tags, readme, ...json };
}
