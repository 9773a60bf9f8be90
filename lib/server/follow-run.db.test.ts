import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { blobHash, storeBlobs } from '#lib/db/blobs.ts';
import { pool } from '#lib/db/client.ts';
import { readNewEvents } from '#lib/db/new-events.ts';
import { notifyRuns } from '#lib/db/notify.ts';
import { readEvents } from '#lib/db/run-events.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { createWorkflow } from './create-workflow.ts';
import { followRun } from './follow-run.ts';
import { startRun } from './start-run.ts';
import { failedEvents, journal, readAll, uuidOf } from './test-journal.ts';
import { exampleDefinition, testAccess } from './test-workspace.ts';

const none = { params: {}, query: {}, body: {} };
let access: Access;

beforeAll(async () => {
  await freshDatabase();
  access = await testAccess();
});

async function newRun(): Promise<string> {
  const body = { definition: exampleDefinition() as never, trigger_type: 'manual' as const, tags: [], draft: false };
  const { id } = await createWorkflow(access, { ...none, body });
  return (await startRun(access, { ...none, params: { id }, body: { input_data: {}, draft: false, priority: 0 } })).run_id;
}

describe('follow', () => {
  it('checklist #135, #136: two readers get the same history, then the live events, and end with the run', async () => {
    const runId = await newRun();
    const reading = [readAll(access, runId, 0), readAll(access, runId, 0)];
    await journal(runId, failedEvents.slice(0, 3), { status: 'running' });
    notifyRuns([uuidOf(runId)]);
    await journal(runId, failedEvents.slice(3), { status: 'failed' });
    notifyRuns([uuidOf(runId)]);
    for (const events of await Promise.all(reading)) {
      expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(events.at(-1)?.type).toBe('run_completed');
    }
  });

  it('continues exactly after an event, and says when nothing will follow', async () => {
    const runId = await newRun();
    await journal(runId, failedEvents, { status: 'failed' });
    for (const after of [0, 2, 3, 5, 6]) {
      expect((await readAll(access, runId, after)).map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7].filter((seq) => seq > after));
    }
    expect(await followRun(access, { runId, after: 7, signal: AbortSignal.timeout(1000) })).toEqual({ ended: true });
    expect(await readAll(access, runId, 99)).toHaveLength(7);
  });

  it('holds few large values at a time, and gives them all', async () => {
    const runId = await newRun();
    const run = uuidOf(runId);
    const texts = Array.from({ length: 70 }, (_unused, at) => JSON.stringify(`${at}`.padEnd(40_000, 'x')));
    await storeBlobs(texts.map((text) => ({ hash: blobHash(text), text, runId: run })));
    const outputs = texts.map((text, at): RunEvent => {
      const blobs = { output: blobHash(text) };
      return { seq: at + 3, at: 0, type: 'step_completed', step: 'fetch', attempt: 1, started_at: null, blobs } as never;
    });
    const end: RunEvent = { seq: 73, at: 0, type: 'run_completed', status: 'completed', output: null, error: null, duration_seconds: 1 };
    await journal(runId, [{ seq: 2, at: 0, type: 'run_started' }, ...outputs, end], { status: 'completed' });
    expect((await readEvents(runId, 0, 1000)).length).toBeLessThan(40);
    const events = await readAll(access, runId, 0);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 73 }, (_unused, at) => at + 1));
    expect(events.map((event) => (event.type === 'step_completed' ? JSON.stringify(event.output) : '')).filter(Boolean)).toEqual(texts);
  });

  it('reads once for all who stand at the same place, and gives each its own', async () => {
    const [one, other] = [await newRun(), await newRun()];
    for (const runId of [one, other]) await journal(runId, failedEvents, { status: 'failed' });
    const statements = vi.spyOn(pool(), 'query');
    const news = await Promise.all([
      ...Array.from({ length: 50 }, () => readNewEvents(one, 0)),
      readNewEvents(other, 5),
      readNewEvents(one, 6),
    ]);
    expect(statements).toHaveBeenCalledTimes(1);
    statements.mockRestore();
    expect(new Set(news.slice(0, 50)).size).toBe(1);
    expect(news.slice(49).map((events) => events?.map((event) => event.seq))).toEqual([[1, 2, 3, 4, 5, 6, 7], [6, 7], [7]]);
  });

  it('tells a long story whole, to readers who are at different places of it', async () => {
    const runId = await newRun();
    const logs = Array.from(
      { length: 700 },
      (_unused, at): RunEvent => ({ seq: at + 3, at: 0, type: 'step_log', step: 'fetch', attempt: 1, lines: [`${at}`] }),
    );
    const end: RunEvent = { seq: 703, at: 0, type: 'run_completed', status: 'completed', output: null, error: null, duration_seconds: 1 };
    await journal(runId, [{ seq: 2, at: 0, type: 'run_started' }, ...logs, end], { status: 'completed' });
    const places = [0, 1, 250, 251, 660, 702];
    const told = await Promise.all(places.map((after) => readAll(access, runId, after)));
    for (const [index, after] of places.entries()) {
      expect(told[index]?.map((event) => event.seq)).toEqual(Array.from({ length: 703 - after }, (_unused, at) => after + at + 1));
    }
  });

  it('notices an event without a hint, within about a second', async () => {
    const runId = await newRun();
    const reading = readAll(access, runId, 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await journal(runId, failedEvents, { status: 'failed' });
    expect(await reading).toHaveLength(6);
  });

  it('ends when its reader leaves', async () => {
    const runId = await newRun();
    const leave = new AbortController();
    const following = await followRun(access, { runId, after: 0, signal: leave.signal });
    if (following.ended) throw new Error('it has not begun');
    const seen: RunEvent[] = [];
    setTimeout(() => leave.abort(), 50);
    for await (const batch of following.events) seen.push(...batch);
    expect(seen).toHaveLength(1);
  });
});
