import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { OverlapPolicy } from '#lib/workflow/schedule-plan.ts';
import { database, pool } from './client.ts';
import { Prisma } from './generated/client.ts';
import { SCHEDULE_CHANNEL } from './notify.ts';

/** A schedule with what lists show of its workflow. Windows and jitter are seconds. */
export interface ScheduleRecord {
  readonly uuid: string;
  /** `sched_…` */
  readonly id: string;
  readonly workspaceUuid: string;
  readonly workflowUuid: string;
  readonly workflowName: string;
  readonly workflowStatus: string;
  readonly name: string;
  readonly cronExpression: string;
  readonly timezone: string;
  readonly input: Json;
  readonly enabled: boolean;
  readonly overlap: OverlapPolicy;
  readonly catchUp: 'skip' | 'once' | 'all';
  readonly catchUpWindow: number;
  readonly jitter: number;
  readonly nextDue: Date | null;
  readonly lastAt: Date | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const WITH_WORKFLOW = { workflow: { select: { name: true, status: true } } } as const;
type Row = Prisma.ScheduleGetPayload<{ include: typeof WITH_WORKFLOW }>;

/** What a person says of a schedule, and the next due time that follows from it. */
export type ScheduleData = Pick<
  ScheduleRecord,
  'name' | 'cronExpression' | 'timezone' | 'input' | 'enabled' | 'overlap' | 'catchUp' | 'catchUpWindow' | 'jitter'
> & { readonly nextDue: Date | null; readonly nextAt: Date | null };
/** A change; without `nextDue` and `nextAt` these stay as they are. */
type ScheduleChange = Omit<ScheduleData, 'nextDue' | 'nextAt'> & Partial<Pick<ScheduleData, 'nextDue' | 'nextAt'>>;

export async function insertSchedule(
  made: ScheduleData & Pick<ScheduleRecord, 'uuid' | 'workspaceUuid' | 'workflowUuid' | 'createdBy'>,
): Promise<void> {
  const { uuid, workspaceUuid, workflowUuid, input, ...rest } = made;
  await database().schedule.create({
    data: { ...rest, input: storedJson(input), id: uuid, workspaceId: workspaceUuid, workflowId: workflowUuid },
  });
  await wakeSchedulers();
}

/** A schedule of this workspace, or null. */
export async function findSchedule(workspaceUuid: string, uuid: string): Promise<ScheduleRecord | null> {
  const row = await database().schedule.findFirst({ where: { id: uuid, workspaceId: workspaceUuid }, include: WITH_WORKFLOW });
  return row === null ? null : toRecord(row);
}

/** Where a schedule stands in the lists. */
export type SchedulePlace = Pick<ScheduleRecord, 'nextDue' | 'uuid'>;

/** One page of the schedules of a workspace, or of one workflow in it; what is due next comes first, what is paused last. */
export async function listScheduleRecords(
  workspaceUuid: string,
  workflowUuid: string | null,
  { limit, offset, after }: { readonly limit: number; readonly offset: number; readonly after: SchedulePlace | null },
): Promise<{ records: ScheduleRecord[]; total: number; more: boolean }> {
  const where = { workspaceId: workspaceUuid, ...(workflowUuid === null ? {} : { workflowId: workflowUuid }) };
  const [rows, total] = await Promise.all([
    database().schedule.findMany({
      where: after === null ? where : { ...where, ...behind(after) },
      include: WITH_WORKFLOW,
      orderBy: [{ nextDue: { sort: 'asc', nulls: 'last' } }, { id: 'asc' }],
      take: limit + 1,
      skip: after === null ? offset : 0,
    }),
    database().schedule.count({ where }),
  ]);
  return { records: rows.slice(0, limit).map(toRecord), total, more: rows.length > limit };
}

function behind({ nextDue, uuid }: SchedulePlace): Prisma.ScheduleWhereInput {
  if (nextDue === null) return { nextDue: null, id: { gt: uuid } };
  return { OR: [{ nextDue: { gt: nextDue } }, { nextDue, id: { gt: uuid } }, { nextDue: null }] };
}

/**
 * Changes a schedule while no worker acts on it: `decide` gets it as it is then. False where it is gone.
 */
export async function changeSchedule(
  workspaceUuid: string,
  uuid: string,
  decide: (current: ScheduleRecord) => ScheduleChange,
): Promise<boolean> {
  const changed = await database().$transaction(async (client) => {
    await client.$queryRaw`select 1 from schedule where id = ${uuid}::uuid for update`;
    const row = await client.schedule.findFirst({ where: { id: uuid, workspaceId: workspaceUuid }, include: WITH_WORKFLOW });
    if (row === null) return false;
    const { input, ...rest } = decide(toRecord(row));
    await client.schedule.update({ where: { id: uuid }, data: { ...rest, input: storedJson(input) } });
    return true;
  });
  if (changed) await wakeSchedulers();
  return changed;
}

/** Deletes a schedule with its history. False where it was gone already. */
export async function deleteScheduleRecord(workspaceUuid: string, uuid: string): Promise<boolean> {
  const { count } = await database().schedule.deleteMany({ where: { id: uuid, workspaceId: workspaceUuid } });
  return count > 0;
}

/** The next due time of each workflow that has one. */
export async function nextDueOf(workflowUuids: readonly string[]): Promise<Map<string, Date>> {
  if (workflowUuids.length === 0) return new Map();
  const rows = await database().schedule.groupBy({
    by: ['workflowId'],
    where: { workflowId: { in: [...workflowUuids] }, enabled: true, workflow: { status: 'active' } },
    _min: { nextDue: true },
  });
  return new Map(rows.flatMap((row): [string, Date][] => (row._min.nextDue === null ? [] : [[row.workflowId, row._min.nextDue]])));
}

/** The database's clock, which decides what is due: milliseconds since the epoch. */
export async function databaseNow(): Promise<number> {
  const { rows } = await pool().query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]?.now.getTime() ?? Date.now();
}

/** Tells the workers that a schedule was changed. */
export async function wakeSchedulers(): Promise<void> {
  await pool().query(`select pg_notify('${SCHEDULE_CHANNEL}', '')`);
}

function storedJson(value: Json): Prisma.InputJsonValue | typeof Prisma.JsonNull {
  return value === null ? Prisma.JsonNull : (value as Prisma.InputJsonValue);
}

function toRecord(row: Row): ScheduleRecord {
  const { id, workspaceId, workflowId, workflow, input, overlap, catchUp, nextAt: _, ...rest } = row;
  return {
    ...rest,
    uuid: id,
    id: idFromUuid('sched', id),
    workspaceUuid: workspaceId,
    workflowUuid: workflowId,
    workflowName: workflow.name,
    workflowStatus: workflow.status,
    input: input as Json,
    // Written by this product alone, through contracts that know these words.
    overlap: overlap as OverlapPolicy,
    catchUp: catchUp as ScheduleRecord['catchUp'],
  };
}
