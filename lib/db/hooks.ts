import { uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import { database } from './client.ts';
import type { Hook } from './generated/client.ts';

export type HookRecord = Omit<Hook, 'tokenHash'>;
export type PlacedHookRecord = HookRecord & { readonly workflow: { readonly name: string; readonly status: string } };
/** Everything but the hash of the address, so that a list can't carry it anywhere. */
const SHOWN = { tokenHash: true } as const;

/** What a hook is made of beside its place and its address. */
export type HookSettings = Pick<
  Hook,
  | 'name'
  | 'enabled'
  | 'action'
  | 'eventType'
  | 'answer'
  | 'answerSeconds'
  | 'signature'
  | 'signatureHeader'
  | 'sealedSecret'
  | 'dedupeHeader'
>;
export interface HookAddress {
  readonly tokenHash: string;
  readonly tokenHint: string;
}

/** Hooks of a workflow, oldest first. */
export async function listHookRecords(workflowUuid: string): Promise<HookRecord[]> {
  return database().hook.findMany({ where: { workflowId: workflowUuid }, orderBy: { id: 'asc' }, omit: SHOWN });
}

/** A page of the workspace's hooks with their workflows, oldest first; from after an id, which wins over the offset. */
export async function listPlacedHooks(
  workspaceUuid: string,
  { limit, offset, after }: { readonly limit: number; readonly offset: number; readonly after: string | null },
): Promise<{ rows: PlacedHookRecord[]; total: number; more: boolean }> {
  const where = { workspaceId: workspaceUuid };
  const [rows, total] = await Promise.all([
    database().hook.findMany({
      where: { ...where, ...(after === null ? {} : { id: { gt: after } }) },
      orderBy: { id: 'asc' },
      take: limit + 1,
      skip: after === null ? offset : 0,
      omit: SHOWN,
      include: { workflow: { select: { name: true, status: true } } },
    }),
    database().hook.count({ where }),
  ]);
  return { rows: rows.slice(0, limit), total, more: rows.length > limit };
}

/** A hook of this workflow, or null. */
export async function findHook(workflowUuid: string, hookId: string): Promise<HookRecord | null> {
  const id = uuidFromId('hook', hookId);
  return id === null ? null : database().hook.findFirst({ where: { id, workflowId: workflowUuid }, omit: SHOWN });
}

/** The hook that listens at an address, with its workflow's status. */
export async function findHookByToken(tokenHash: string): Promise<(HookRecord & { workflow: { status: string } }) | null> {
  return database().hook.findUnique({ where: { tokenHash }, omit: SHOWN, include: { workflow: { select: { status: true } } } });
}

export async function insertHook(
  place: { readonly workspaceUuid: string; readonly workflowUuid: string; readonly by: string },
  settings: HookSettings,
  address: HookAddress,
  id: string = uuidv7(),
): Promise<HookRecord> {
  const { workspaceUuid: workspaceId, workflowUuid: workflowId, by: createdBy } = place;
  return database().hook.create({ data: { ...settings, ...address, id, workspaceId, workflowId, createdBy }, omit: SHOWN });
}

/** Changes a hook; null where the workflow has none of that id. */
export async function changeHook(
  workflowUuid: string,
  hookId: string,
  changes: Partial<HookSettings & HookAddress & Pick<Hook, 'listenUntil'>>,
): Promise<HookRecord | null> {
  const id = uuidFromId('hook', hookId);
  if (id === null) return null;
  const rows = await database().hook.updateManyAndReturn({ where: { id, workflowId: workflowUuid }, data: changes, omit: SHOWN });
  return rows[0] ?? null;
}

export async function deleteHookRecord(workflowUuid: string, hookId: string): Promise<boolean> {
  const id = uuidFromId('hook', hookId);
  return id !== null && (await database().hook.deleteMany({ where: { id, workflowId: workflowUuid } })).count > 0;
}

/** Notes the use of a hook. Answers true where this call is the one that a person listens for; the next one is not. */
export async function noteHookUse(hookUuid: string, now: Date): Promise<boolean> {
  const { count } = await database().hook.updateMany({
    where: { id: hookUuid, listenUntil: { gt: now } },
    data: { listenUntil: null, lastUsedAt: now },
  });
  if (count > 0) return true;
  const recently = new Date(now.getTime() - 10_000);
  await database().hook.updateMany({
    where: { id: hookUuid, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: recently } }] },
    data: { lastUsedAt: now },
  });
  return false;
}
