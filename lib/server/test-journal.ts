import { uuidFromId } from '#lib/base/ids.ts';
import { database, pool } from '#lib/db/client.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { rowsOf } from '#lib/engine/journal-row.ts';

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
