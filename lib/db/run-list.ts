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
  const parts = partsOf(workspaceUuid, filter, page);
  const found = (await Promise.all(parts.map((where) => newest(where, page, parts.length === 1)))).flat();
  if (parts.length > 1) found.sort((a, b) => (a.id < b.id ? 1 : -1));
  const skipped = parts.length > 1 && page.after === null ? page.offset : 0;
  const rows = found.slice(skipped, skipped + page.limit + 1);
  const more = rows.length > page.limit;
  // What fits on the first page need not be counted.
  const whole = page.after === null && page.offset === 0 && !more;
  const total = whole ? rows.length : (await Promise.all(parts.map(countRuns))).reduce((sum, count) => sum + count, 0);
  const shown = rows.slice(0, page.limit);
  const names = await workflowNames(shown.map((row) => row.workflowId));
  return { records: shown.map((row) => toRecord(row, names.get(row.workflowId) ?? '')), total, more };
}

const ENDED = ['completed', 'failed', 'cancelled'];
const DRIVEN = ['running', 'pausing', 'rolling_back'];
const RESTING = ['queued', 'waiting', 'paused'];
const MOST_MERGED = 1000;

/**
 * The filter as conditions that exclude each other and each have an index: ended runs have one by trigger and one by version,
 * the others by status.
 */
function partsOf(workspaceUuid: string, filter: RunFilter, { offset }: RunPage): Prisma.RunWhereInput[] {
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
  const few = externalId !== undefined || parentRunUuid !== undefined;
  const byStatus = status !== undefined || statuses !== undefined || (trigger === undefined && version === undefined);
  // Parts are merged in memory, which is for the first pages.
  if (few || byStatus || offset > MOST_MERGED) return [where];
  return [ENDED, DRIVEN, RESTING].map((some) => ({ ...where, status: { in: some } }));
}

/** The newest runs of a part from the page's place on: of the only part the page itself, of several what may be on it. */
async function newest(where: Prisma.RunWhereInput, { limit, offset, after }: RunPage, alone: boolean): Promise<ShownRun[]> {
  if (after !== null) return findShown({ ...where, id: { lt: after } }, limit + 1);
  if (!alone) return findShown(where, offset + limit + 1);
  if (offset === 0) return findShown(where, limit + 1);
  // The runs before the page are passed by in the index, without a look at their rows.
  const first = await database().run.findFirst({ where, orderBy: { id: 'desc' }, skip: offset, select: { id: true } });
  return first === null ? [] : findShown({ ...where, id: { lte: first.id } }, limit + 1);
}

type ShownRun = Prisma.RunGetPayload<{ select: typeof SHOWN }>;

function findShown(where: Prisma.RunWhereInput, take: number): Promise<ShownRun[]> {
  return database().run.findMany({ where, orderBy: { id: 'desc' }, take, select: SHOWN });
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

function toRecord(row: ShownRun, workflowName: string): RunRecord {
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
