import { idFromUuid } from '#lib/base/ids.ts';
import type { RunError } from '#lib/engine/events.ts';
import { database } from './client.ts';
import type { Prisma } from './generated/client.ts';
import { countRuns } from './run-count.ts';

/** A run as lists show it: without input and output. */
export interface RunRecord {
  readonly uuid: string;
  /** `run_…` */
  readonly id: string;
  readonly externalId: string | null;
  /** `wf_…` */
  readonly workflowId: string;
  readonly workflowName: string;
  readonly version: number | null;
  readonly status: string;
  readonly trigger: string;
  /** `run_…` */
  readonly parentRunId: string | null;
  readonly parentStep: string | null;
  readonly error: RunError | null;
  readonly progress: number;
  /** `run_…` */
  readonly forkedFrom: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

export interface RunFilter {
  readonly workflowUuid?: string | undefined;
  readonly status?: string | undefined;
  /** Any of these. */
  readonly statuses?: readonly string[] | undefined;
  readonly trigger?: string | undefined;
  readonly version?: number | undefined;
  readonly parentRunUuid?: string | undefined;
  readonly parentStep?: string | undefined;
  readonly externalId?: string | undefined;
}

export interface RunPage {
  readonly limit: number;
  readonly offset: number;
  /** Uuid of the last run of the page before. */
  readonly after: string | null;
}

const SHOWN = {
  id: true,
  workflowId: true,
  version: true,
  status: true,
  trigger: true,
  parentRunId: true,
  parentStep: true,
  externalId: true,
  error: true,
  progress: true,
  forkedFrom: true,
  createdAt: true,
  startedAt: true,
  completedAt: true,
} as const satisfies Prisma.RunSelect;

/** One page of runs, newest first (ids grow with time), the number of all that match, and whether another page follows. */
export async function listRunRecords(
  workspaceUuid: string,
  filter: RunFilter,
  page: RunPage,
): Promise<{ records: RunRecord[]; total: number; more: boolean }> {
  const { workflowUuid, status, statuses, trigger, version, parentRunUuid, parentStep, externalId } = filter;
  const where: Prisma.RunWhereInput = {
    workspaceId: workspaceUuid,
    ...(workflowUuid === undefined ? {} : { workflowId: workflowUuid }),
    ...(status === undefined ? {} : { status }),
    ...(statuses === undefined ? {} : { status: { in: [...statuses] } }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(version === undefined ? {} : { version }),
    ...(parentRunUuid === undefined ? {} : { parentRunId: parentRunUuid }),
    ...(parentStep === undefined ? {} : { parentStep }),
    ...(externalId === undefined ? {} : { externalId }),
  };
  const [rows, total] = await Promise.all([
    database().run.findMany({
      where: page.after === null ? where : { ...where, id: { lt: page.after } },
      orderBy: { id: 'desc' },
      take: page.limit + 1,
      skip: page.after === null ? page.offset : 0,
      select: SHOWN,
    }),
    countRuns(where),
  ]);
  const shown = rows.slice(0, page.limit);
  const names = await workflowNames(shown.map((row) => row.workflowId));
  return { records: shown.map((row) => toRecord(row, names.get(row.workflowId) ?? '')), total, more: rows.length > page.limit };
}

/** What a list shows of a run, and what only its own page shows. */
export interface FullRun extends RunRecord {
  readonly input: unknown;
  readonly output: unknown;
  /** The schedule and due time that started it, null for others. */
  readonly schedule: unknown;
  readonly definitionHash: string;
  readonly lastSeq: number;
}

/** A run of this workspace, or null. */
export async function findRun(workspaceUuid: string, uuid: string): Promise<FullRun | null> {
  const row = await database().run.findFirst({
    where: { id: uuid, workspaceId: workspaceUuid },
    select: { ...SHOWN, input: true, output: true, schedule: true, definitionHash: true, lastSeq: true },
  });
  if (row === null) return null;
  const names = await workflowNames([row.workflowId]);
  const { input, output, schedule, definitionHash, lastSeq } = row;
  return { ...toRecord(row, names.get(row.workflowId) ?? ''), input, output, schedule, definitionHash, lastSeq };
}

async function workflowNames(uuids: readonly string[]): Promise<Map<string, string>> {
  if (uuids.length === 0) return new Map();
  const rows = await database().workflow.findMany({ where: { id: { in: [...new Set(uuids)] } }, select: { id: true, name: true } });
  return new Map(rows.map((row) => [row.id, row.name]));
}

function toRecord(row: Prisma.RunGetPayload<{ select: typeof SHOWN }>, workflowName: string): RunRecord {
  const { id, workflowId, parentRunId, error, forkedFrom, ...rest } = row;
  return {
    ...rest,
    uuid: id,
    id: idFromUuid('run', id),
    workflowId: idFromUuid('wf', workflowId),
    parentRunId: parentRunId === null ? null : idFromUuid('run', parentRunId),
    workflowName,
    forkedFrom: forkedFrom === null ? null : idFromUuid('run', forkedFrom),
    error: error as RunError | null,
  };
}
