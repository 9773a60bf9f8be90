import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import type { JournalRow } from '#lib/engine/journal-row.ts';
import type { RunWorker } from '#worker/run-worker.ts';
import { done, eventsOf, rowOf, startWorker, storeSteps, uuidOf } from '#worker/test-runs.ts';
import { claimQueued } from './claims.ts';
import { disconnect, pool } from './client.ts';
import { append, type RunAppend } from './journal.ts';
import { stopListening } from './notify.ts';
import type { RunHead } from './run-head.ts';
import { freshDatabase } from './test-database.ts';
import { reapWorkers, WorkerLease } from './workers.ts';

const lease = new WorkerLease();
const head: RunHead = {
  status: 'running',
  startedAt: 1_795_000_000_000,
  completedAt: null,
  output: null,
  error: null,
  progress: 0.5,
  wakeAt: null,
  deadline: null,
};
let runs: string[] = [];

beforeAll(async () => {
  await freshDatabase();
  await lease.register({ name: 'test', queues: ['default'], slots: 100, poolId: null });
  atEnd(async () => {
    await lease.end();
    await stopListening();
    await disconnect();
  });
});

beforeEach(async () => {
  const { start } = await storeSteps([{ id: 'a' }]);
  runs = await start(3);
  await claimQueued({ workerId: lease.id, queues: ['default'] }, 100);
});

function rowAt(seq: number, data: Record<string, Json> = {}): JournalRow {
  return { seq, type: 'step_log', step: 'a', attempt: 1, at: 1_795_000_000_000, data: { lines: [], ...data } };
}

function adding(place: number, seq: number, more: Partial<RunAppend> = {}): RunAppend {
  const runId = uuidOf(runs[place] ?? '');
  const quiet = {
    head: null,
    release: false,
    taken: 'none',
    limited: false,
    mail: 0,
    removesMail: false,
    waits: { opened: [], closed: [] },
  } as const;
  return { runId, epoch: 1, baseSeq: seq - 1, rows: [rowAt(seq)], ...quiet, ...more };
}

async function numbersOf(place: number): Promise<number[]> {
  return (await eventsOf(runs[place] ?? '')).map((event) => event.seq);
}

describe('one statement for many runs', () => {
  it('writes rows with and without a head in any mixture', async () => {
    const answer = await append(lease.id, [adding(0, 2), adding(1, 2, { head }), adding(2, 2)]);
    expect([...answer.values()]).toEqual([1, 2, 3].map(() => ({ control: 'none', held: true, mail: 0 })));
    expect(await Promise.all([0, 1, 2].map(numbersOf))).toEqual([1, 2, 3].map(() => [1, 2]));
    expect((await rowOf(runs[0] ?? '')).last_seq).toBe(1);
    expect((await rowOf(runs[1] ?? '')).last_seq).toBe(2);
  });

  it('loses one run alone where only that one has another owner', async () => {
    await pool().query('update run set epoch = 2 where id = $1', [uuidOf(runs[1] ?? '')]);
    const answer = await append(lease.id, [adding(0, 2), adding(1, 2, { head }), adding(2, 2, { head })]);
    expect([...answer.keys()].sort()).toEqual([runs[0], runs[2]].map((run) => uuidOf(run ?? '')).sort());
    expect(await numbersOf(1)).toEqual([1]);
  });

  it('tells of a control flag only where the row of the run is written', async () => {
    await pool().query(`update run set control = 'pause' where id = any($1)`, [runs.map(uuidOf)]);
    const answer = await append(lease.id, [adding(0, 2), adding(1, 2, { head, release: true })]);
    expect(answer.get(uuidOf(runs[0] ?? ''))).toEqual({ control: 'none', held: true, mail: 0 });
    expect(answer.get(uuidOf(runs[1] ?? ''))).toEqual({ control: 'pause', held: true, mail: 0 });
  });
});

describe('a second try of the same append', () => {
  it('recognises what the first one wrote, with and without a head', async () => {
    const batch = [adding(0, 2), adding(1, 2, { head }), adding(2, 2, { head, release: true })];
    await append(lease.id, batch);
    const answer = await append(lease.id, [...batch], true);
    expect(answer.get(uuidOf(runs[0] ?? ''))).toEqual({ control: 'none', held: true, mail: 0 });
    expect(answer.get(uuidOf(runs[2] ?? ''))).toEqual({ control: 'none', held: false, mail: 0 });
    expect(await Promise.all([0, 1, 2].map(numbersOf))).toEqual([1, 2, 3].map(() => [1, 2]));
  });

  it('is made by itself where the rows turn out to be there', async () => {
    await append(lease.id, [adding(0, 2)]);
    const answer = await append(lease.id, [adding(0, 2), adding(1, 2)]);
    expect(answer.size).toBe(2);
    expect(await numbersOf(1)).toEqual([1, 2]);
  });
});

describe('an owner that dies after rows without a head', () => {
  let worker: RunWorker | null = null;

  it('leaves a run whose last number is exact, and that goes on where its journal ends', async () => {
    const other = new WorkerLease();
    await other.register({ name: 'victim', queues: ['default'], slots: 100, poolId: null });
    const run = runs[0] ?? '';
    await pool().query('update run set owner = $2 where id = $1', [uuidOf(run), other.id]);
    const started = { seq: 2, type: 'run_started', step: null, attempt: null, at: Date.now(), data: {} } as const;
    await append(other.id, [adding(0, 2, { rows: [started] })]);
    await pool().query(`update worker set lease_until = now() - interval '1 s' where id = $1`, [other.id]);
    expect(await reapWorkers(null)).toMatchObject({ workers: [other.id] });
    expect(await rowOf(run)).toMatchObject({ owner: null, last_seq: 2, status: 'running' });
    const { rows } = await pool().query('select crashes from run where id = $1', [uuidOf(run)]);
    expect(rows).toEqual([{ crashes: 1 }]);
    worker = await startWorker(() => done('after'));
    await expect.poll(async () => (await rowOf(run)).status).toBe('completed');
    expect((await eventsOf(run)).map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
    await worker.stop(500);
  });
});
