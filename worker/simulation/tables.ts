import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Control } from '#lib/engine/control.ts';
import type { RunEvent, RunStatus, WaitKind } from '#lib/engine/events.ts';
import type { MessageKind } from '#lib/engine/message.ts';

/** What the simulated database keeps: of each table what the statements of a run's life touch. Times are milliseconds. */

export interface RunRow {
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  version: number | null;
  definitionHash: string;
  readonly trigger: string;
  readonly input: string;
  readonly priority: number;
  readonly queue: string;
  readonly key: string | null;
  readonly idempotencyKey: string | null;
  readonly parentRunId: string | null;
  readonly parentStep: string | null;
  readonly parentWaits: boolean;
  readonly timeoutMs: number | null;
  readonly createdAt: number;
  status: RunStatus;
  owner: string | null;
  epoch: number;
  control: Control;
  gate: 'pending' | 'parked' | null;
  mail: number;
  crashes: number;
  lastSeq: number;
  output: string | null;
  error: string | null;
  progress: number;
  toldToPause: boolean;
  wakeAt: number | null;
  deadline: number | null;
  startedAt: number | null;
  completedAt: number | null;
}

export interface EventRow {
  readonly seq: number;
  readonly type: RunEvent['type'];
  readonly step: string | null;
  readonly attempt: number | null;
  readonly at: number;
  /** JSON. */
  readonly data: string | null;
}

export interface WaitRow {
  id: string;
  readonly runId: string;
  readonly step: string;
  attempt: number;
  kind: WaitKind;
  token: string;
  wakeAt: number | null;
  data: Json;
  queue: string | null;
  priority: number;
  claimedBy: string | null;
  begun: boolean;
  answered: boolean;
}

export interface MailRow {
  readonly place: number;
  readonly kind: MessageKind;
  readonly step: string | null;
  readonly token: string | null;
  /** JSON. */
  readonly payload: string;
}

export interface WorkerRow {
  readonly id: string;
  readonly lockKey: string;
  status: 'alive' | 'stopped' | 'dead';
  leaseUntil: number;
  heartbeatAt: number;
}

export interface LimitRow {
  readonly key: string;
  readonly workflowId: string;
  max: number;
  onLimit: string;
  holdsWaiting: boolean;
  updatedAt: number;
}

export interface WorkflowRow {
  readonly id: string;
  readonly workspaceId: string;
  /** Hash of version 1, the only one. */
  readonly hash: string;
  readonly document: JsonObject;
}

/** Rows with a way back: what a transaction changed is undone by its rollback. */
export class Tables {
  readonly runs = new Map<string, RunRow>();
  readonly events = new Map<string, EventRow[]>();
  readonly mail = new Map<string, MailRow[]>();
  readonly mailKeys = new Set<string>();
  /** By run and step. */
  readonly waits = new Map<string, WaitRow>();
  readonly workers = new Map<string, WorkerRow>();
  readonly limits = new Map<string, LimitRow>();
  /** Uuids of runs by the key of their limit. */
  readonly slots = new Map<string, Set<string>>();
  readonly workflows = new Map<string, WorkflowRow>();
  /** Advisory locks that somebody holds. */
  readonly locks = new Set<string>();
  /** Runs that the open transaction has changed. */
  readonly touched = new Set<string>();
  #undo: (() => void)[] | null = null;

  begin(): void {
    this.#undo = [];
  }

  commit(): void {
    this.#undo = null;
  }

  rollBack(): void {
    for (const undo of (this.#undo ?? []).reverse()) undo();
    this.#undo = null;
    this.touched.clear();
  }

  set<K, V>(table: Map<K, V>, key: K, value: V): void {
    const before = table.get(key);
    this.#undo?.push(() => (before === undefined ? table.delete(key) : table.set(key, before)));
    table.set(key, value);
  }

  remove<K, V>(table: Map<K, V>, key: K): boolean {
    const before = table.get(key);
    if (before === undefined) return false;
    this.#undo?.push(() => table.set(key, before));
    return table.delete(key);
  }

  change<R extends object>(row: R, patch: Partial<R>): void {
    if (this.#undo !== null) {
      const before = { ...row };
      this.#undo.push(() => Object.assign(row, before));
    }
    Object.assign(row, patch);
  }

  changeRun(row: RunRow, patch: Partial<RunRow>): void {
    this.touched.add(row.id);
    this.change(row, patch);
  }

  addTo<V>(set: Set<V>, value: V): void {
    if (set.has(value)) return;
    this.#undo?.push(() => set.delete(value));
    set.add(value);
  }

  takeFrom<V>(set: Set<V>, value: V): boolean {
    if (!set.has(value)) return false;
    this.#undo?.push(() => set.add(value));
    return set.delete(value);
  }

  eventsOf(run: string): readonly EventRow[] {
    return this.events.get(run) ?? [];
  }

  /** Number of the last event, 0 for none. */
  lastSeq(run: string): number {
    return this.events.get(run)?.at(-1)?.seq ?? 0;
  }

  /** Adds a row of the journal, as the primary key allows it. */
  addEvent(run: string, row: EventRow): void {
    const rows = this.events.get(run) ?? [];
    // A journal is read in the order of its numbers, and most rows come last.
    const at = rows.findLastIndex((one) => one.seq < row.seq) + 1;
    if (rows[at]?.seq === row.seq) throw uniqueViolation('run_event_pkey');
    this.touched.add(run);
    this.set(this.events, run, rows.toSpliced(at, 0, row));
  }
}

export function uniqueViolation(constraint: string): Error {
  return Object.assign(new Error(`duplicate key value violates unique constraint "${constraint}"`), { code: '23505' });
}

export function isEnded(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
