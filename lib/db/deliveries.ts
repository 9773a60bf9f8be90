import { idFromUuid, uuidFromId } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { database, pool } from './client.ts';

/** An outgoing call that is due: to be made now by whoever holds this. */
export interface DueDelivery {
  readonly uuid: string;
  readonly workspaceUuid: string;
  readonly runUuid: string;
  /** `run.completed`, `run.failed`, `run.cancelled` */
  readonly kind: string;
  readonly url: string;
  /** Number of the event that it tells of. */
  readonly runSeq: number;
  /** Null before the first attempt. */
  readonly body: Json;
  /** The attempt that is due, from 1. */
  readonly attempt: number;
  readonly createdAt: Date;
}

interface Row {
  id: string;
  workspace_id: string;
  run_id: string;
  kind: string;
  url: string;
  run_seq: number;
  body: Json;
  attempts: number;
  created_at: Date;
}

const CLAIM = `
with due as (
  select id from delivery where status = 'pending' and next_at <= now() and run_id is not null and run_seq is not null
  order by next_at limit $1 for update skip locked
)
update delivery d set attempts = attempts + 1, next_at = now() + make_interval(secs => $2) from due where d.id = due.id
returning d.id, d.workspace_id, d.run_id, d.kind, d.url, d.run_seq, d.body, d.attempts, d.created_at`;

/** Takes what is due. What is not recorded within `holdMs` is due again: its worker died. */
export async function claimDeliveries(limit: number, holdMs: number): Promise<DueDelivery[]> {
  const { rows } = await pool().query<Row>({ name: 'claim_deliveries', text: CLAIM, values: [limit, holdMs / 1000] });
  return rows.map((row) => ({
    uuid: row.id,
    workspaceUuid: row.workspace_id,
    runUuid: row.run_id,
    kind: row.kind,
    url: row.url,
    runSeq: row.run_seq,
    body: row.body,
    attempt: row.attempts,
    createdAt: row.created_at,
  }));
}

/** Keeps the body, so that every attempt sends the same. */
export async function keepBody(uuid: string, body: Json): Promise<void> {
  await pool().query('update delivery set body = $2::json where id = $1', [uuid, JSON.stringify(body)]);
}

/** How an attempt went. */
export interface DeliveryAttemptResult {
  readonly at: Date;
  readonly durationMs: number;
  readonly statusCode: number | null;
  readonly error: string | null;
}

const RECORD = `
with noted as (
  insert into delivery_attempt (delivery_id, number, at, duration_ms, status_code, error)
  select id, $2, $3, $4, $5, $6 from delivery where id = $1
  on conflict do nothing
)
update delivery set status = $7, next_at = $8, last_error = $6, delivered_at = case when $7 = 'delivered' then $3 end
where id = $1 and attempts = $2 and status = 'pending'`;

/** Records an attempt and what follows; `nextAt` null: nothing more is tried. */
export async function recordAttempt(
  delivery: Pick<DueDelivery, 'uuid' | 'attempt'>,
  result: DeliveryAttemptResult,
  status: 'pending' | 'delivered' | 'failed',
  nextAt: Date | null,
): Promise<void> {
  const { at, durationMs, statusCode, error } = result;
  const values = [delivery.uuid, delivery.attempt, at, Math.round(durationMs), statusCode, error, status, nextAt];
  await pool().query({ name: 'record_delivery_attempt', text: RECORD, values });
}

/** A delivery with its attempts. */
export interface DeliveryRecord {
  /** `dlv_…` */
  readonly id: string;
  readonly kind: string;
  readonly url: string;
  readonly status: string;
  readonly nextAt: Date | null;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
  readonly attempts: readonly ({ readonly number: number } & DeliveryAttemptResult)[];
}

/** What was sent, or is to be sent, for a run: newest first. */
export async function deliveriesOf(runUuid: string): Promise<DeliveryRecord[]> {
  const rows = await database().delivery.findMany({
    where: { runId: runUuid },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    include: { tries: { orderBy: { number: 'asc' } } },
  });
  return rows.map(({ id, tries, kind, url, status, nextAt, createdAt, deliveredAt }) => ({
    ...{ id: idFromUuid('dlv', id), kind, url, status, createdAt, deliveredAt },
    nextAt: status === 'pending' ? nextAt : null,
    attempts: tries.map(({ deliveryId: _, ...attempt }) => attempt),
  }));
}

/** Makes a delivery of this run due at once, whatever became of it. False: there is none. */
export async function sendAgain(runUuid: string, id: string, now: Date): Promise<boolean> {
  const uuid = uuidFromId('dlv', id);
  if (uuid === null) return false;
  const { count } = await database().delivery.updateMany({
    where: { id: uuid, runId: runUuid },
    data: { status: 'pending', nextAt: now, deliveredAt: null },
  });
  return count > 0;
}
