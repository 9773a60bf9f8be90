import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getRun as contract } from '#lib/contracts/runs.ts';
import { loadBlobs } from '#lib/db/blobs.ts';
import { markedBlob } from '#lib/db/run-events.ts';
import { readFoldedRun } from './folded-run.ts';
import { fullRunView } from './full-run-view.ts';
import { loadRun } from './run-view.ts';
import { stepsOfPage } from './step-run-view.ts';

/**
 * A run with the result of each of its steps, or a page of them. All of it is folded from the journal, so that it agrees with
 * `last_event_id`: a reader who follows the stream from there misses nothing. Of large outputs only those shown are loaded.
 */
export async function getRun(access: Access, { params, query }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const record = await loadRun(access, params.run_id);
  const folded = await readFoldedRun(record);
  const blobs = new Map<string, Json>();
  const outputOf = ({ output }: (typeof folded.state.steps)[number]): Json => {
    const hash = markedBlob(output);
    return hash === null ? output : (blobs.get(hash) ?? null);
  };
  for (;;) {
    const wanted = stepsOfPage(folded.state, query).flatMap(([, at]) => markedBlob(at.output) ?? []);
    const missing = [...new Set(wanted)].filter((hash) => !blobs.has(hash));
    if (missing.length === 0) return { run: fullRunView(record, folded, query, outputOf) };
    const loaded = await loadBlobs(missing);
    // Another reader may have taken in more of the run meanwhile, so it is looked at again.
    for (const hash of missing) blobs.set(hash, loaded.get(hash) ?? null);
  }
}
