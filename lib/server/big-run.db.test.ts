import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { blobHash, storeBlobs } from '#lib/db/blobs.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createWorkflow } from './create-workflow.ts';
import { getRun } from './get-run.ts';
import { startRun } from './start-run.ts';
import { uuidOf } from './test-journal.ts';
import { exampleDefinition, testAccess } from './test-workspace.ts';

const STEPS = 600;
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
  atEnd(async () => {
    await stopListening();
    await disconnect();
  });
});

async function bigRun(): Promise<string> {
  const steps = Array.from({ length: STEPS }, (_, at) => ({ id: `s${at}`, type: 'transform', config: { expression: '1' } }));
  const body = { definition: exampleDefinition(undefined, { steps }) as never, trigger_type: 'manual' as const, tags: [], draft: false };
  const { id } = await createWorkflow(access, { params: {}, query: {}, body });
  return (await startRun(access, { params: { id }, query: {}, body: { input_data: {}, draft: false, priority: 0 } })).run_id;
}

/** Steps that have ended, as a worker writes them: one row each, of which every one takes two numbers. */
async function complete(
  run: string,
  from: number,
  until: number,
  output: (at: number) => { output?: Json; blobs?: object },
): Promise<void> {
  const rows = Array.from({ length: until - from }, (_, at) => ({
    seq: 1 + 2 * (from + at + 1),
    step: `s${from + at}`,
    data: { started_at: Date.now(), start: { execution: 1 }, ...output(from + at) },
  }));
  await pool().query(
    `insert into run_event (run_id, seq, type, step, attempt, at, data)
     select $1, seq, 'step_completed', step, 1, now(), data from json_to_recordset($2::json) as r(seq int, step text, data json)`,
    [uuidOf(run), JSON.stringify(rows)],
  );
}

const read = async (run: string, query: { limit?: number; offset?: number } = {}) =>
  (await getRun(access, { params: { run_id: run }, query, body: {} })).run;

describe('a run of many steps', () => {
  it('is read on from where the last reader was, and says what a reader of the whole journal sees', async () => {
    const run = await bigRun();
    await complete(run, 0, 400, (at) => ({ output: at }));
    const first = await read(run, { limit: 10, offset: 395 });
    expect(first.step_runs.map((step) => [step.status, step.output])).toEqual([
      ...Array.from({ length: 5 }, (_, at) => ['completed', 395 + at]),
      ...Array(5).fill(['pending', null]),
    ]);
    await complete(run, 400, 500, (at) => ({ output: at }));
    const query = vi.spyOn(pool(), 'query');
    const readers = await Promise.all([1, 2, 3, 4].map(() => read(run)));
    const journals = query.mock.calls.map(([text]) => text as unknown).filter((one) => (one as { name?: string }).name === 'read_events');
    query.mockRestore();
    expect(journals.map((one) => (one as unknown as { values: Json[] }).values[1])).toEqual([801, 1001, 1001, 1001]);
    const { weftlineFoldedRuns } = globalThis as { weftlineFoldedRuns?: Map<string, unknown> };
    expect(weftlineFoldedRuns?.has(uuidOf(run))).toBe(true);
    weftlineFoldedRuns?.clear();
    const fresh = await read(run);
    for (const one of readers) expect(one).toEqual(fresh);
    expect(fresh.step_runs.filter((step) => step.status === 'completed')).toHaveLength(500);
    expect(fresh.step_runs[450]?.attempts).toHaveLength(1);
  });

  it('loads the large outputs of the page that is asked for, and no others', async () => {
    const run = await bigRun();
    const texts = Array.from({ length: 300 }, (_, at) => JSON.stringify(`${at}`.padEnd(40_000, 'x')));
    await storeBlobs(texts.map((text) => ({ hash: blobHash(text), text, runId: uuidOf(run) })));
    await complete(run, 0, 300, (at) => ({ blobs: { output: blobHash(texts[at] ?? '') } }));
    const query = vi.spyOn(pool(), 'query');
    const page = await read(run, { limit: 3, offset: 100 });
    const asked = query.mock.calls.flatMap(([text, values]) =>
      String(text).includes('from blob ') ? (values as unknown as [string[]])[0] : [],
    );
    query.mockRestore();
    expect(page.step_runs.map((step) => step.output)).toEqual(texts.slice(100, 103).map((text) => JSON.parse(text)));
    expect(asked).toEqual(texts.slice(100, 103).map(blobHash));
  });
});

describe('blobs', () => {
  it('are kept once for each content, and stored once for many runs', async () => {
    const [a, b] = [await bigRun(), await bigRun()];
    const text = JSON.stringify('same'.repeat(20_000));
    const hash = blobHash(text);
    await storeBlobs([a, b].map((run) => ({ hash, text, runId: uuidOf(run) })));
    const { rows } = await pool().query(
      'select (select count(*)::int from blob where hash = $1) as blobs, (select count(*)::int from blob_use where hash = $1) as uses',
      [hash],
    );
    expect(rows).toEqual([{ blobs: 1, uses: 2 }]);
  });
});
