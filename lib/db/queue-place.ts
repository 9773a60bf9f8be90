import { pool } from './client.ts';

/** What keeps a run that nobody drives, as the tables tell it. */
export interface QueuedRun {
  readonly queue: string;
  readonly served: boolean;
  /** Runs that are claimed before it; counted up to a thousand. */
  readonly ahead: number;
  /** Behind its limit. */
  readonly gated: boolean;
  readonly limitKey: string | null;
  readonly limitMax: number | null;
}

const READ = `
select r.queue, coalesce(r.gate = 'pending', false) as gated, r.concurrency_key as "limitKey", l.max as "limitMax",
  exists (select from worker w where w.status = 'alive' and w.lease_until > now() and r.queue = any(w.queues)) as served,
  (select count(*)::int from (
    select from run o where o.status = 'queued' and o.gate is null and o.queue = r.queue
      and (o.priority > r.priority or (o.priority = r.priority and o.id < r.id)) limit 1000) before) as ahead
from run r left join "limit" l on l.key = r.concurrency_key
where r.id = $1 and r.owner is null`;

/** The queues that a live worker serves. */
export async function readServedQueues(): Promise<string[]> {
  const { rows } = await pool().query<{ queue: string }>(
    "select distinct unnest(queues) as queue from worker where status = 'alive' and lease_until > now()",
  );
  return rows.map((row) => row.queue);
}

/** Null where somebody drives it, or where there is no such run. */
export async function readQueuePlace(runUuid: string): Promise<QueuedRun | null> {
  const { rows } = await pool().query<QueuedRun>({ name: 'queue_place', text: READ, values: [runUuid] });
  return rows[0] ?? null;
}
