import type { PoolClient } from 'pg';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { OverlapPolicy } from '#lib/workflow/schedule-plan.ts';
import { pool } from './client.ts';

/** What became of a due time. */
export interface Fire {
  readonly scheduleUuid: string;
  /** Milliseconds since the epoch, like every time here. */
  readonly due: number;
  readonly outcome: 'started' | 'waiting' | 'skipped' | 'missed' | 'inactive' | 'refused';
  readonly kind: 'schedule' | 'backfill' | 'manual';
  readonly detail: string | null;
  /** Of times that are passed over together. */
  readonly until?: number;
  readonly count?: number;
}

/** A schedule in the hands of a worker (or of a backfill): its row is locked until the transaction ends. */
export interface HeldSchedule {
  readonly uuid: string;
  readonly workspaceUuid: string;
  readonly workflowUuid: string;
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly input: Json;
  readonly overlap: OverlapPolicy;
  readonly catchUp: 'skip' | 'once' | 'all';
  readonly catchUpWindow: number;
  readonly jitter: number;
  readonly nextDue: number | null;
  readonly workflowStatus: string;
  /** The newest version; 0 and null where there is none. */
  readonly version: number;
  readonly definitionHash: string | null;
  /** The database's clock. */
  readonly now: number;
}

const HELD = `
select s.id as uuid, s.workspace_id as "workspaceUuid", s.workflow_id as "workflowUuid", s.name, s.cron_expression as cron, s.timezone, s.input,
  s.overlap, s.catch_up as "catchUp", s.catch_up_window * 1000::float8 as "catchUpWindow", s.jitter * 1000 as jitter,
  (extract(epoch from s.next_due) * 1000)::float8 as "nextDue", w.status as "workflowStatus", w.current_version as version,
  v.definition_hash as "definitionHash", floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now
from schedule s join workflow w on w.id = s.workflow_id
left join version v on v.workflow_id = w.id and v.number = w.current_version`;

/** Takes schedules that are due and that no other worker has just taken, the longest due first. */
export async function holdDue(client: PoolClient, limit: number): Promise<HeldSchedule[]> {
  const { rows } = await client.query<HeldSchedule>({
    name: 'hold_due_schedules',
    text: `${HELD} where s.enabled and s.next_at <= now() order by s.next_at limit $1 for update of s skip locked`,
    values: [limit],
  });
  return rows;
}

/**
 * Takes schedules with due times that wait for earlier runs: first those whose runs have ended, then those that cancel theirs.
 * The others are not looked at, however many they are.
 */
export async function holdWaiting(client: PoolClient, limit: number): Promise<HeldSchedule[]> {
  const { rows } = await client.query<HeldSchedule>({
    name: 'hold_waiting_schedules',
    text: `${HELD}, lateral (select exists (
          select from schedule_fire f where f.schedule_id = s.id and f.run_id is not null and f.ended_at is null) as busy) live
        where s.id in (select schedule_id from schedule_fire where outcome = 'waiting') and (not live.busy or s.overlap = 'cancel_running')
        order by live.busy, s.id limit $1 for update of s skip locked`,
    values: [limit],
  });
  return rows;
}

/** Takes one schedule, waiting for whoever has it. */
export async function holdSchedule(client: PoolClient, uuid: string): Promise<HeldSchedule | null> {
  const { rows } = await client.query<HeldSchedule>(`${HELD} where s.id = $1 for update of s`, [uuid]);
  return rows[0] ?? null;
}

export interface Busy {
  /** Uuids of the schedule's runs that are under way. */
  readonly live: readonly string[];
  /** Due times that wait, oldest first. */
  readonly waiting: readonly { readonly due: number; readonly kind: Fire['kind'] }[];
}

/** What is under way for schedules that are held: asked after the lock was given, so that nothing is missed. */
export async function busyOf(client: PoolClient, uuids: readonly string[]): Promise<Map<string, Busy>> {
  const { rows } = await client.query<{ uuid: string; run: string | null; due: number; kind: Fire['kind'] }>({
    name: 'busy_schedules',
    text: `select schedule_id as uuid, run_id as run, (extract(epoch from due_at) * 1000)::float8 as due, kind from schedule_fire
      where schedule_id = any($1) and ((run_id is not null and ended_at is null) or outcome = 'waiting') order by due_at`,
    values: [uuids],
  });
  const found = new Map<string, { live: string[]; waiting: Busy['waiting'][number][] }>(
    uuids.map((uuid) => [uuid, { live: [], waiting: [] }]),
  );
  for (const { uuid, run, due, kind } of rows) {
    if (run === null) found.get(uuid)?.waiting.push({ due, kind });
    else found.get(uuid)?.live.push(run);
  }
  return found;
}

const INSERT = `
insert into schedule_fire (schedule_id, due_at, outcome, kind, detail, until, count)
select schedule_id, to_timestamp(due / 1000.0), outcome, kind, detail, to_timestamp(until / 1000.0), count
from json_to_recordset($1::json) as f(schedule_id uuid, due float8, outcome text, kind text, detail text, until float8, count int)
on conflict (schedule_id, due_at)`;
const RETURNING = 'returning schedule_id as uuid, (extract(epoch from due_at) * 1000)::float8 as due';

/** Writes what became of due times. Answers those that were not written already: `schedule uuid@due`. */
export async function insertFires(client: PoolClient, fires: readonly Fire[]): Promise<Set<string>> {
  return write(client, fires, `${INSERT} do nothing ${RETURNING}`);
}

/** As `insertFires`; a due time that was passed over counts as not written. */
export async function insertBackfill(client: PoolClient, fires: readonly Fire[]): Promise<Set<string>> {
  return write(
    client,
    fires,
    `${INSERT} do update set outcome = excluded.outcome, kind = excluded.kind, detail = null, until = null, count = 1, fired_at = now()
      where schedule_fire.run_id is null and schedule_fire.outcome <> 'waiting' ${RETURNING}`,
  );
}

async function write(client: PoolClient, fires: readonly Fire[], text: string): Promise<Set<string>> {
  if (fires.length === 0) return new Set();
  const rows = fires.map(({ scheduleUuid, until, count, ...rest }) => ({
    ...rest,
    schedule_id: scheduleUuid,
    until: until ?? null,
    count: count ?? 1,
  }));
  const { rows: made } = await client.query<{ uuid: string; due: number }>(text, [JSON.stringify(rows)]);
  return new Set(made.map((row) => fireKey(row.uuid, row.due)));
}

export function fireKey(scheduleUuid: string, due: number): string {
  return `${scheduleUuid}@${due}`;
}

/** Due times have their runs now. Ids are wire ids. */
export async function setRuns(
  client: PoolClient,
  started: readonly { readonly scheduleUuid: string; readonly due: number; readonly runUuid: string }[],
): Promise<void> {
  if (started.length === 0) return;
  await client.query(
    `update schedule_fire f set run_id = s.run, outcome = 'started', fired_at = now(),
       ended_at = (select completed_at from run where id = s.run)
     from unnest($1::uuid[], $2::float8[], $3::uuid[]) as s(schedule, due, run)
     where f.schedule_id = s.schedule and f.due_at = to_timestamp(s.due / 1000.0)`,
    [started.map((one) => one.scheduleUuid), started.map((one) => one.due), started.map((one) => one.runUuid)],
  );
  await client.query(
    `update schedule set last_at = greatest(last_at, to_timestamp(s.due / 1000.0))
     from (select schedule, max(due) as due from unnest($1::uuid[], $2::float8[]) as s(schedule, due) group by schedule) s where id = s.schedule`,
    [started.map((one) => one.scheduleUuid), started.map((one) => one.due)],
  );
}

/** Due times that wait are given up; all of them where none are named. */
export async function giveUpWaiting(
  client: PoolClient,
  uuid: string,
  outcome: Fire['outcome'],
  detail: string,
  due: readonly number[] | null = null,
): Promise<void> {
  await client.query(
    `update schedule_fire set outcome = $2, detail = $3 where schedule_id = $1 and outcome = 'waiting'
     and ($4::float8[] is null or (extract(epoch from due_at) * 1000)::float8 = any($4))`,
    [uuid, outcome, detail, due],
  );
}

/** When to look at a held schedule again. */
export async function setNext(client: PoolClient, uuid: string, next: { due: number; at: number } | null): Promise<void> {
  await client.query('update schedule set next_due = to_timestamp($2 / 1000.0), next_at = to_timestamp($3 / 1000.0) where id = $1', [
    uuid,
    next?.due ?? null,
    next?.at ?? null,
  ]);
}

/** The schedules that have been due longest are not asked again before `millis` have passed: they could not be acted on. */
export async function postpone(count: number, millis: number): Promise<void> {
  await pool().query(
    `update schedule set next_at = now() + $2 * interval '1 ms'
     where id in (select id from schedule where enabled and next_at <= now() order by next_at limit $1)`,
    [count, millis],
  );
}

/** Milliseconds until the next schedule is due by the database's clock, null for none. */
export async function untilNextDue(): Promise<number | null> {
  const { rows } = await pool().query<{ millis: number | null }>({
    name: 'until_next_due',
    text: 'select (extract(epoch from min(next_at) - clock_timestamp()) * 1000)::float8 as millis from schedule where enabled',
  });
  return rows[0]?.millis ?? null;
}

/** How many of these due times have a run, or wait for theirs. */
export async function takenTimes(scheduleUuid: string, due: readonly number[]): Promise<Set<number>> {
  const { rows } = await pool().query<{ due: number }>(
    `select (extract(epoch from due_at) * 1000)::float8 as due from schedule_fire
     where schedule_id = $1 and due_at = any($2::timestamptz[]) and (run_id is not null or outcome = 'waiting')`,
    [scheduleUuid, due.map((at) => new Date(at))],
  );
  return new Set(rows.map((row) => row.due));
}

export interface FireRecord extends Omit<Fire, 'scheduleUuid' | 'due' | 'until'> {
  readonly dueAt: Date;
  readonly until: Date | null;
  readonly firedAt: Date;
  readonly run: { readonly id: string; readonly status: string } | null;
}

/** One page of what became of a schedule's due times, newest first. */
export async function listFireRecords(
  scheduleUuid: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ records: FireRecord[]; total: number }> {
  const [{ rows }, count] = await Promise.all([
    pool().query<Omit<FireRecord, 'run'> & { run_id: string | null; status: string | null }>(
      `select f.due_at as "dueAt", f.until, f.count, f.fired_at as "firedAt", f.kind, f.outcome, f.detail, run.id as run_id, run.status
       from schedule_fire f left join run on run.id = f.run_id where f.schedule_id = $1 order by f.due_at desc limit $2 offset $3`,
      [scheduleUuid, page.limit, page.offset],
    ),
    pool().query<{ total: number }>('select count(*)::int as total from schedule_fire where schedule_id = $1', [scheduleUuid]),
  ]);
  const records = rows.map(({ run_id, status, ...rest }) => ({
    ...rest,
    run: run_id === null || status === null ? null : { id: idFromUuid('run', run_id), status },
  }));
  return { records, total: count.rows[0]?.total ?? 0 };
}

/** Removes due times before `before` that nothing follows from any more. Answers how many. */
export async function sweepFires(before: Date): Promise<number> {
  const { rowCount } = await pool().query(
    `delete from schedule_fire where due_at < $1 and outcome <> 'waiting' and (run_id is null or ended_at is not null)`,
    [before],
  );
  return rowCount ?? 0;
}
