import { describe, expect, it } from 'vitest';
import { giveBackOrphans, giveBackUnknown } from '#lib/db/claims.ts';
import { pool } from '#lib/db/client.ts';
import { requestCancel, requestHold, requestPause, requestResume } from '#lib/db/control-runs.ts';
import { deleteRunsOf, deleteStrayRows } from '#lib/db/delete-runs.ts';
import { append } from '#lib/db/journal.ts';
import { reapWorkers } from '#lib/db/workers.ts';
import { chainOf, done, ended, eventsOf, rowOf, storeSteps, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

const worker = freshWorkers();

describe('control', () => {
  it('checklist #112: cancels a run that is driven: its step is asked to stop', async () => {
    let aborted = false;
    await worker(({ signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => {
        aborted = true;
        reject(new Error('stopped'));
      });
      return promise;
    });
    const { start, workspaceId } = await storeSteps(chainOf(2));
    const [run = ''] = await start();
    await until(async () => (await rowOf(run)).status === 'running');
    expect(await requestCancel({ workspaceId, runId: run, catalog: testCatalog })).toMatchObject({ kind: 'accepted' });
    await ended([run], 3000);
    expect(aborted).toBe(true);
    expect(await rowOf(run)).toMatchObject({ status: 'cancelled', owner: null });
    expect((await storyOf(run)).slice(-5)).toEqual(
      expect.arrayContaining(['run_cancelling', 'step_cancelled s1', 'step_skipped s2', 'run_completed']),
    );
    expect(await requestCancel({ workspaceId, runId: run, catalog: testCatalog })).toEqual({ kind: 'refused', status: 'cancelled' });
  });

  it('cancels a queued run without any worker', async () => {
    const { start, workspaceId } = await storeSteps(chainOf(2));
    const [run = ''] = await start();
    expect(await requestCancel({ workspaceId, runId: run, catalog: testCatalog })).toEqual({ kind: 'accepted', status: 'cancelled' });
    expect(await storyOf(run)).toEqual(['run_queued', 'run_cancelling', 'step_skipped s1', 'step_skipped s2', 'run_completed']);
    const other = { workspaceId: 'ws_00000000000000000000000000000000', runId: run, catalog: testCatalog };
    expect(await requestCancel(other)).toEqual({ kind: 'missing' });
  });

  it('pauses after the step in flight and goes on when resumed', async () => {
    let release: (() => void) | undefined;
    await worker(({ stepKey }) => (stepKey === 's1' ? new Promise((resolve) => (release = () => resolve(done()))) : done()));
    const { start, workspaceId } = await storeSteps(chainOf(2));
    const [run = ''] = await start();
    await until(() => release !== undefined);
    const place = { workspaceId, runId: run, catalog: testCatalog };
    expect(await requestPause(place)).toMatchObject({ kind: 'accepted' });
    await until(async () => (await rowOf(run)).status === 'pausing');
    release?.();
    await until(async () => (await rowOf(run)).status === 'paused' && (await rowOf(run)).owner === null);
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted', status: 'running' });
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 2 });
  });
});

describe('limits and order', () => {
  it('checklist #77: never drives more runs than it has slots, none is lost, and it takes the urgent and the old ones first', async () => {
    const order: string[] = [];
    let now = 0;
    let most = 0;
    const { start } = await storeSteps([{ id: 'a' }]);
    const runs = await start(30);
    await pool().query('update run set priority = 5 where id = $1', [uuidOf(runs[29] ?? '')]);
    await worker(
      async ({ runId }) => {
        order.push(runId);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 15));
        now--;
        return done();
      },
      { slots: 3 },
    );
    await ended(runs);
    expect(most).toBe(3);
    expect(order[0]).toBe(runs[29]);
    expect(order.slice(1)).toEqual(runs.slice(0, 29));
  });
});

describe('ownership', () => {
  it('refuses what a fenced worker writes, and drops its runs', async () => {
    let go: (() => void) | undefined;
    let fenced = false;
    const first = await worker(() => new Promise((resolve) => (go = () => resolve(done('first')))), { onFenced: () => (fenced = true) });
    const { start } = await storeSteps([{ id: 'a' }]);
    const [run = ''] = await start();
    await until(() => go !== undefined);
    await pool().query(`update worker set lease_until = now() - interval '1 s' where id = $1`, [first.id]);
    expect(await reapWorkers(null)).toEqual({ workers: [first.id], runs: [uuidOf(run)] });
    const head = {
      status: 'running',
      startedAt: null,
      completedAt: null,
      output: null,
      error: null,
      progress: 0,
      wakeAt: null,
      deadline: null,
    } as const;
    const baseSeq = (await rowOf(run)).last_seq;
    const row = { seq: baseSeq + 1, type: 'run_resumed', step: null, attempt: null, at: Date.now(), data: {} } as const;
    const late = {
      runId: uuidOf(run),
      epoch: 1,
      baseSeq,
      rows: [row],
      release: false,
      taken: 'none',
      limited: false,
      mail: 0,
      removesMail: false,
      waits: { opened: [], closed: [] },
    } as const;
    for (const shown of [head, null]) expect((await append(first.id, [{ ...late, head: shown }])).size).toBe(0);
    expect((await eventsOf(run)).at(-1)?.seq).toBe(baseSeq);
    go?.();
    await worker(() => done('second'));
    await ended([run]);
    await until(() => fenced);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 2, output: { a: 'second' } });
    expect(first.size).toBe(0);
  });

  it('loses a run that is deleted under its hands, and what it wrote meanwhile goes too', async () => {
    const one = await worker(
      ({ log, signal }) =>
        new Promise((_, reject) => {
          const timer = setInterval(() => log('still here'), 5);
          signal.addEventListener('abort', () => {
            clearInterval(timer);
            reject(new Error('stopped'));
          });
        }),
    );
    const { start } = await storeSteps([{ id: 'a' }]);
    const [run = ''] = await start();
    await until(async () => (await storyOf(run)).includes('step_log a'));
    const { rows } = await pool().query('select workflow_id from run where id = $1', [uuidOf(run)]);
    expect(await deleteRunsOf(rows[0].workflow_id, 10)).toEqual({ deleted: 1, driven: [uuidOf(run)] });
    await until(() => one.size === 0);
    await deleteStrayRows([uuidOf(run)]);
    expect(await eventsOf(run)).toEqual([]);
  });

  it('gives back what a claim took whose answer was lost', async () => {
    const one = await worker(() => done());
    const { start } = await storeSteps([{ id: 'a' }]);
    const [run = ''] = await start();
    await ended([run]);
    const [lost = ''] = await start();
    await ended([lost]);
    await pool().query(`update run set owner = $2, epoch = 7, status = 'queued', completed_at = null where id = $1`, [
      uuidOf(lost),
      one.id,
    ]);
    expect(await giveBackUnknown(one.id, [uuidOf(lost)])).toBe(0);
    expect(await giveBackUnknown(one.id, [])).toBe(1);
  });

  it('gives back what a claim takes that the server is still at when its answer is lost', async () => {
    const one = await worker(() => done());
    const { start } = await storeSteps([{ id: 'a' }]);
    const [run = ''] = await start(1, {}, { queue: 'of nobody' });
    const client = await pool().connect();
    await client.query('begin');
    await client.query('select from worker where id = $1 for key share', [one.id]);
    await client.query(`update run set owner = $2, epoch = 1, status = 'running' where id = $1`, [uuidOf(run), one.id]);
    const given = giveBackUnknown(one.id, []);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.query('commit');
    client.release();
    expect(await given).toBe(1);
    expect(await rowOf(run)).toMatchObject({ owner: null });
  });

  it('gives back what no living worker owns', async () => {
    const { start } = await storeSteps([{ id: 'a' }]);
    const [run = ''] = await start();
    await pool().query('update run set owner = gen_random_uuid() where id = $1', [uuidOf(run)]);
    expect(await giveBackOrphans()).toBe(1);
    await worker(() => done());
    await ended([run]);
  });

  it('gives back a paused run whose owner died before it did: it goes on where that was wished, and else rests', async () => {
    const { start, workspaceId } = await storeSteps([{ id: 'a' }]);
    const runs = await start(2);
    const [wished = '', rests = ''] = runs;
    for (const runId of runs) await requestHold({ workspaceId, runId, catalog: testCatalog });
    await pool().query('update run set owner = gen_random_uuid() where id = any($1)', [runs.map(uuidOf)]);
    expect(await requestResume({ workspaceId, runId: wished, catalog: testCatalog })).toMatchObject({ kind: 'accepted' });
    expect(await giveBackOrphans()).toBe(2);
    await worker(() => done());
    await ended([wished]);
    await until(async () => (await rowOf(rests)).status === 'paused');
    expect(await rowOf(rests)).toMatchObject({ owner: null });
    await requestResume({ workspaceId, runId: rests, catalog: testCatalog });
    await ended([rests]);
  });

  it('ends a run whose definition is gone', async () => {
    const { start } = await storeSteps([{ id: 'gone' }]);
    const [run = ''] = await start();
    await pool().query(`update run set definition_hash = 'nothing' where id = $1`, [uuidOf(run)]);
    await worker(() => done());
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'failed', owner: null, error: { code: 'DEFINITION_UNREADABLE' } });
  });

  it('gives a run up that ends its worker again and again', async () => {
    const { start } = await storeSteps([{ id: 'a' }]);
    const [run = ''] = await start();
    await pool().query('update run set crashes = 5 where id = $1', [uuidOf(run)]);
    await worker(() => done());
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'failed', error: { code: 'RUN_POISONED' } });
  });

  it('drains: what is in flight ends, the rest is given back and goes on elsewhere', async () => {
    const where: string[] = [];
    const first = await worker(async ({ stepKey }) => {
      where.push(`first ${stepKey}`);
      await new Promise((resolve) => setTimeout(resolve, 150));
      return done();
    });
    const { start } = await storeSteps(chainOf(2, { type: 'once' }));
    const [run = ''] = await start();
    await until(() => where.length === 1);
    await first.stop(5000);
    expect(await rowOf(run)).toMatchObject({ status: 'running', owner: null });
    await worker(({ stepKey }) => done(void where.push(`second ${stepKey}`)));
    await ended([run]);
    expect(where).toEqual(['first s1', 'second s2']);
    expect((await rowOf(run)).status).toBe('completed');
  });

  it('gives nothing back before what it has under way in the database is written', async () => {
    const bad = { kind: 'failed', error: { code: 'X', message: 'no' }, retryable: false } as const;
    const undoing = Promise.withResolvers<void>();
    const first = await worker(({ stepKey }) => {
      if (stepKey === 's2') return bad;
      if (stepKey === 's1') return done();
      undoing.resolve();
      return new Promise(() => {});
    });
    const { start } = await storeSteps(chainOf(2, { undo: { type: 'work' } }));
    const [run = ''] = await start();
    await undoing.promise;
    // As an append of the worker holds it.
    const client = await pool().connect();
    await client.query('begin');
    await client.query('select from worker where id = $1 for key share', [first.id]);
    let stopped = false;
    const stopping = first.stop(0).then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect([stopped, (await rowOf(run)).owner]).toEqual([false, first.id]);
    await client.query('commit');
    client.release();
    await stopping;
    expect(await rowOf(run)).toMatchObject({ owner: null });
  });

  it('does not repeat a step that was cut off and must not be', async () => {
    const first = await worker(() => new Promise(() => {}));
    const { start } = await storeSteps([{ id: 'pay', type: 'once' }]);
    const [run = ''] = await start();
    await until(async () => (await storyOf(run)).includes('step_started pay'));
    await first.stop(50);
    await worker(() => done());
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'failed', error: { code: 'OUTCOME_UNKNOWN', step: 'pay' } });
  });
});
