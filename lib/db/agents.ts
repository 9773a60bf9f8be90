import { idFromUuid, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { database } from './client.ts';
import { type Agent, Prisma } from './generated/client.ts';

/** A stored agent. `config` is checked where it is read. */
export interface AgentRecord {
  /** `agent_…` */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly config: Json;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface AgentChange {
  readonly name: string;
  readonly description: string;
  readonly config: Json;
}

/** Agents of a workspace by name. */
export async function listAgentRecords(workspaceUuid: string): Promise<AgentRecord[]> {
  return (await database().agent.findMany({ where: { workspaceId: workspaceUuid }, orderBy: { name: 'asc' } })).map(toRecord);
}

/** The agent with this id or name, or null. */
export async function findAgentRecord(workspaceUuid: string, idOrName: string): Promise<AgentRecord | null> {
  const uuid = uuidFromId('agent', idOrName);
  const which = uuid === null ? { name: idOrName } : { id: uuid };
  const row = await database().agent.findFirst({ where: { workspaceId: workspaceUuid, ...which } });
  return row === null ? null : toRecord(row);
}

/** Stores an agent, or answers null where its name is taken. */
export async function insertAgent(workspaceUuid: string, change: AgentChange, by: string): Promise<AgentRecord | null> {
  const data = { ...change, config: change.config as Prisma.InputJsonValue, id: uuidv7(), workspaceId: workspaceUuid, createdBy: by };
  return unlessTaken(async () => toRecord(await database().agent.create({ data })));
}

/** Replaces what is said of an agent; null where its new name is taken, undefined where there is no such agent. */
export async function updateAgentRecord(workspaceUuid: string, id: string, change: AgentChange): Promise<AgentRecord | null | undefined> {
  const uuid = uuidFromId('agent', id);
  if (uuid === null) return undefined;
  const data = { ...change, config: change.config as Prisma.InputJsonValue, updatedAt: new Date() };
  return unlessTaken(async () => {
    const [row] = await database().agent.updateManyAndReturn({ where: { id: uuid, workspaceId: workspaceUuid }, data });
    return row === undefined ? undefined : toRecord(row);
  });
}

/** Deletes an agent. False where there is none. */
export async function deleteAgentRecord(workspaceUuid: string, id: string): Promise<boolean> {
  const uuid = uuidFromId('agent', id);
  return uuid !== null && (await database().agent.deleteMany({ where: { id: uuid, workspaceId: workspaceUuid } })).count > 0;
}

async function unlessTaken<T>(write: () => Promise<T>): Promise<T | null> {
  try {
    return await write();
  } catch (thrown) {
    if (thrown instanceof Prisma.PrismaClientKnownRequestError && thrown.code === 'P2002') return null;
    throw thrown;
  }
}

function toRecord(row: Agent): AgentRecord {
  const { name, description, config, createdBy, createdAt, updatedAt } = row;
  return { id: idFromUuid('agent', row.id), name, description, config: config as Json, createdBy, createdAt, updatedAt };
}
