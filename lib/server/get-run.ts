import type { Access } from '#lib/auth/access.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getRun as contract } from '#lib/contracts/runs.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { fullRunView } from './full-run-view.ts';
import { loadRun } from './run-view.ts';

/**
 * A run with the result of each of its steps. All of it is folded from the journal, so that it agrees with
 * `last_event_id`: a reader who follows the stream from there misses nothing.
 */
export async function getRun(access: Access, { params, query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const record = await loadRun(access, params.run_id);
  return { run: await fullRunView(record, await readAllEvents(record.uuid), stepCatalog, query) };
}
