import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import { database, pool } from '#lib/db/client.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { rowsOf } from '#lib/engine/journal-row.ts';
import { followRun } from './follow-run.ts';

export function uuidOf(runId: string): string {
  const uuid = uuidFromId('run', runId);
  if (uuid === null) throw new Error(`${runId} is no run id`);
  return uuid;
}

/** Writes events as a worker would, for tests that need a run with a past but no worker. */
export async function journal(runId: string, events: readonly RunEvent[], { status }: { readonly status: string }): Promise<void> {
  const rows = rowsOf(events).map((row) => ({ ...row, data: JSON.stringify(row.data) }));
  await pool().query(
    `insert into run_event (run_id, seq, type, step, attempt, at, data)
     select $1, seq, type, step, attempt, to_timestamp(at / 1000.0), data::json
     from json_to_recordset($2::json) as r(seq int, type text, step text, attempt int, at bigint, data text)`,
    [uuidOf(runId), JSON.stringify(rows)],
  );
  const last = events.at(-1);
  const started = events.find((event) => event.type === 'run_started');
  await database().run.update({
    where: { id: uuidOf(runId) },
    data: {
      status,
      lastSeq: last?.seq ?? 1,
      ...(started === undefined ? {} : { startedAt: new Date(started.at) }),
      ...(last?.type === 'run_completed' ? { completedAt: new Date(last.at) } : {}),
    },
  });
}

/** Follows a run from an event on until its stream ends. */
export async function readAll(access: Access, runId: string, after: number): Promise<RunEvent[]> {
  const following = await followRun(access, { runId, after, signal: AbortSignal.timeout(10_000) });
  const events: RunEvent[] = [];
  if (!following.ended) for await (const batch of following.events) events.push(...batch);
  return events;
}

const AT = Date.parse('2026-11-22T10:00:00.000Z');
const error = { code: 'HTTP_STATUS', message: 'It answered 500', step: 'notify' };

/** The example's second step fails: all events after the first. */
export const failedEvents: readonly RunEvent[] = [
  { seq: 2, at: AT, type: 'run_started' },
  { seq: 3, at: AT, type: 'step_started', step: 'fetch', attempt: 1, execution: 1 },
  { seq: 4, at: AT + 100, type: 'step_completed', step: 'fetch', attempt: 1, output: { status_code: 200 }, started_at: AT },
  { seq: 5, at: AT + 100, type: 'step_started', step: 'notify', attempt: 1, execution: 1 },
  { seq: 6, at: AT + 900, type: 'step_failed', step: 'notify', attempt: 1, error, started_at: AT + 100 },
  { seq: 7, at: AT + 1000, type: 'run_completed', status: 'failed', output: null, error, duration_seconds: 1 },
];
