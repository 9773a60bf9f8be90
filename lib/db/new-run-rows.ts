import { AppError } from '#lib/base/errors.ts';
import { type IdPrefix, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import type { NewRun } from './create-runs.ts';

/** A run as the statement that makes it takes it. */
export interface NewRunRow {
  readonly id: string;
  readonly workflowId: string;
  readonly queue: string;
  readonly idempotencyKey: string | null;
  readonly externalId: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** In the order of `COLUMNS`. */
  readonly cells: readonly Cell[];
}
type Cell = string | number | boolean | null;

/** Name and type of each column of `NEW_RUNS`, in the order of the statement's parameters. */
const COLUMNS = [
  ['id', 'uuid'],
  ['workspace_id', 'uuid'],
  ['workflow_id', 'uuid'],
  ['version', 'int'],
  ['definition_hash', 'text'],
  ['trigger', 'text'],
  ['priority', 'int'],
  ['queue', 'text'],
  ['input', 'text'],
  ['idempotency_key', 'text'],
  ['external_id', 'text'],
  ['handler_id', 'text'],
  ['callback_url', 'text'],
  ['parent_run_id', 'uuid'],
  ['parent_step', 'text'],
  ['parent_waits', 'bool'],
  ['forked_from', 'uuid'],
  ['concurrency_key', 'text'],
  ['timeout_ms', 'bigint'],
  ['retention', 'text'],
  ['schedule', 'text'],
  ['saved_state', 'text'],
  ['at', 'float8'],
] as const;

/** The rows as a table `r`. A column that is null everywhere is an empty array, which `unnest` fills up. */
export const NEW_RUNS = `unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')}) as r(${COLUMNS.map(([name]) => name).join(', ')})`;
/** The number of the parameter after those. */
export const NEXT_PARAMETER = COLUMNS.length + 1;

export function newRunRow(run: NewRun, at: number): NewRunRow {
  const row = {
    id: run.uuid ?? uuidv7(at),
    workflowId: requireUuid('wf', run.workflowId),
    queue: run.queue ?? 'default',
    idempotencyKey: run.idempotencyKey ?? null,
    externalId: run.externalId ?? null,
    at,
  };
  const cells: Cell[] = [
    row.id,
    requireUuid('ws', run.workspaceId),
    row.workflowId,
    run.version,
    run.definitionHash,
    run.trigger,
    run.priority ?? 0,
    row.queue,
    JSON.stringify(run.input),
    row.idempotencyKey,
    row.externalId,
    run.handlerId ?? null,
    run.callbackUrl ?? null,
    run.parentRunId == null ? null : requireUuid('run', run.parentRunId),
    run.parentStep ?? null,
    run.parentWaits ?? false,
    run.forkedFrom == null ? null : requireUuid('run', run.forkedFrom),
    run.limit?.key ?? null,
    run.timeoutMs ?? null,
    run.retention == null ? null : JSON.stringify(run.retention),
    run.schedule == null ? null : JSON.stringify(run.schedule),
    run.savedState === undefined ? null : JSON.stringify(run.savedState),
    at / 1000,
  ];
  return { ...row, cells };
}

/**
 * The columns as texts of arrays, which PostgreSQL reads in half the time of JSON objects. Rows with keys of their own go in
 * the order of these: two batches that hold the same keys wait for each other then, and never in a circle.
 */
export function newRunArrays(rows: readonly NewRunRow[]): string[] {
  const keyed = rows.some((row) => row.externalId !== null || row.idempotencyKey !== null);
  const ordered = keyed ? rows.toSorted((a, b) => compare(keyOf(a), keyOf(b))) : rows;
  return COLUMNS.map((_, index) => {
    if (ordered.every((row) => row.cells[index] === null)) return '{}';
    return `{${ordered.map((row) => cellText(row.cells[index] ?? null)).join(',')}}`;
  });
}

function keyOf({ workflowId, externalId, idempotencyKey }: NewRunRow): string {
  return `${workflowId} ${externalId ?? ''} ${idempotencyKey ?? ''}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function cellText(cell: Cell): string {
  if (cell === null) return 'NULL';
  return typeof cell === 'string' ? `"${cell.replace(/["\\]/g, '\\$&')}"` : String(cell);
}

function requireUuid(prefix: IdPrefix, id: string): string {
  const uuid = uuidFromId(prefix, id);
  if (uuid === null) throw new AppError('not_found', `There is no ${id}`);
  return uuid;
}
