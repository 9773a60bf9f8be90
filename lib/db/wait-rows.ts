import type { PoolClient } from 'pg';
import { uuidv7 } from '#lib/base/ids.ts';
import type { OpenWait } from '#lib/engine/open-waits.ts';

/**
 * The `wait` table: a projection of the waits that somebody outside may answer, for lists and look-ups. It is written in the
 * statement that writes the journal rows it follows from.
 */

/** What changes in the table with an append. A step key is in one of the lists at most. */
export interface WaitChanges {
  readonly opened: readonly OpenWait[];
  readonly closed: readonly string[];
}

/**
 * Parts of an append that has `moved` (id, place, workspace_id, workflow_id, priority); `$first` on are those of `waitArrays`.
 * What was decided while nobody could read it is not put to people again.
 */
export function waitParts(first: number): string {
  const $ = (index: number): string => `$${first + index}`;
  return `, closed as (
  delete from wait using moved, unnest(${$(0)}::int[], ${$(1)}::text[]) as c(place, step)
  where moved.place = c.place and wait.run_id = moved.id and wait.step = c.step
), opened as (
  insert into wait (id, workspace_id, workflow_id, run_id, step, attempt, kind, token, wake_at, match_key, data, queue, priority, created_at)
  select o.id, moved.workspace_id, moved.workflow_id, moved.id, o.step, o.attempt, o.kind, o.token, to_timestamp(o.wake), o.match_key,
    o.data::json, o.queue, coalesce(o.priority, moved.priority), to_timestamp(o.since)
  from json_to_recordset(${$(2)}::json) as o(id uuid, place int, step text, attempt int, kind text, token text, wake float8, match_key text,
    data text, queue text, priority int, since float8)
  join moved on moved.place = o.place
  where not exists (
    select from inbox i where i.run_id = moved.id and i.kind = 'decision' and i.step = o.step and i.token = o.token)
  on conflict (run_id, step) do update set id = case when wait.token = excluded.token then wait.id else excluded.id end,
    attempt = excluded.attempt, kind = excluded.kind, token = excluded.token, wake_at = excluded.wake_at, match_key = excluded.match_key,
    data = excluded.data, queue = excluded.queue, priority = excluded.priority, created_at = excluded.created_at,
    claimed_by = case when wait.token = excluded.token then wait.claimed_by end,
    begun = wait.token = excluded.token and wait.begun, answered = wait.token = excluded.token and wait.answered
)`;
}

/** The values that go with `waitParts`; `place` names a run of the append. */
export function waitArrays(changes: readonly { readonly place: number; readonly waits: WaitChanges }[]): unknown[] {
  const closed = changes.flatMap(({ place, waits }) => waits.closed.map((step) => ({ place, step })));
  const opened = changes.flatMap(({ place, waits }) => waits.opened.map((one) => ({ ...rowOf(one), place })));
  return [closed.map((one) => one.place), closed.map((one) => one.step), JSON.stringify(opened)];
}

function rowOf({ step, attempt, kind, token, wakeAt, since, matchKey, data, queue, priority }: OpenWait) {
  const wake = wakeAt === null ? null : wakeAt / 1000;
  // Text of PostgreSQL holds neither NUL nor half a surrogate pair.
  const key = matchKey?.replaceAll('\u0000', '').toWellFormed() ?? null;
  const offer = { queue, priority };
  return { id: uuidv7(), step, attempt, kind, token, wake, match_key: key, data: JSON.stringify(data), since: since / 1000, ...offer };
}

/** Makes a run's rows those of `open`, for a change of a run that nobody drives. The caller holds the run's row. */
export async function replaceWaits(client: Pick<PoolClient, 'query'>, runUuid: string, open: readonly OpenWait[]): Promise<void> {
  await client.query('delete from wait where run_id = $1 and step <> all($2::text[])', [runUuid, open.map((one) => one.step)]);
  if (open.length === 0) return;
  await client.query(
    `with moved as (select id, 1 as place, workspace_id, workflow_id, priority from run where id = $1)${waitParts(2)} select 1`,
    [runUuid, ...waitArrays([{ place: 1, waits: { opened: open, closed: [] } }])],
  );
}
