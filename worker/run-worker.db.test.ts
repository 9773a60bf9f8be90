import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { disconnect, pool } from '#lib/db/client.ts';
import { requestCancel, requestPause, requestResume } from '#lib/db/control-runs.ts';
import { append } from '#lib/db/journal.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { RunWorker } from './run-worker.ts';
import { chainOf, done, ended, eventsOf, rowOf, startWorker, storeSteps, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';

let workers: RunWorker[] = [];

async function worker(...options: Parameters<typeof startWorker>): Promise<RunWorker> {
  const made = await startWorker(...options);
  workers.push(made);
  return made;
}

beforeAll(async () => {
  await freshDatabase();
  afterAll(async () => {
    await stopListening();
    await disconnect();
  });
});

afterEach(async () => {
  await Promise.all(workers.map((one) => one.stop(500)));
  workers = [];
});

describe('a run', () => {
  it('goes from created to completed with every event once and in order', async () => {
    await worker((_, config) => done(config));
    const { start } = await storeSteps([
      { id: 'a', config: { value: '{{ input.n }}' } },
      { id: 'check', type: 'condition', depends_on: ['a'], config: { expression: '{{ steps.a.output.value > 1 }}' } },
      { id: 'b', depends_on: [{ step: 'check', branch: 'true' }] },
      { id: 'c', depends_on: [{ step: 'check', branch: 'false' }] },
    ]);
    const [run = ''] = await start(1, { n: 2 });
    await ended([run]);
    expect(await storyOf(run)).toEqual([
      ...['run_queued', 'run_started', 'step_started a', 'step_completed a', 'step_started check', 'step_completed check'],
      ...['step_skipped c', 'step_started b', 'step_completed b', 'run_completed'],
    ]);
    const events = await eventsOf(run);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.find((event) => event.type === 'step_completed')).toMatchObject({ step: 'a', attempt: 1, output: { value: 2 } });
    expect(await rowOf(run)).toMatchObject({ status: 'completed', owner: null, epoch: 1, last_seq: events.length, error: null });
  });

  it('numbers events without gaps, whatever runs beside each other', async () => {
    await worker(async ({ stepKey, log }) => {
      if (stepKey.endsWith('3')) log('one line');
      await new Promise((resolve) => setTimeout(resolve, stepKey.endsWith('7') ? 260 : Math.random() * 20));
      return done();
    });
    const wide = Array.from({ length: 20 }, (_, index) => ({ id: `w${index}` }));
    const { start } = await storeSteps([...wide, { id: 'last', depends_on: wide.map((step) => step.id) }]);
    const runs = await start(20);
    await ended(runs);
    for (const run of runs) {
      const events = await eventsOf(run);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter((event) => event.type === 'step_completed')).toHaveLength(21);
      expect((await rowOf(run)).last_seq).toBe(events.length);
    }
  });

  it('tries a failed step again and keeps its idempotency key', async () => {
    const keys: string[] = [];
    await worker(({ attempt, idempotencyKey }) => {
      keys.push(idempotencyKey);
      return attempt < 3 ? { kind: 'failed', error: { code: 'FLAKY', message: 'not yet' }, retryable: true } : done('third');
    });
    const { start } = await storeSteps([{ id: 'a', retry: { max_attempts: 3, delay: 0.02 } }]);
    const [run = ''] = await start();
    await ended([run]);
    expect(await storyOf(run)).toEqual([
      ...['run_queued', 'run_started', 'step_started a', 'step_retrying a', 'step_started a', 'step_retrying a'],
      ...['step_started a', 'step_completed a', 'run_completed'],
    ]);
    expect(new Set(keys)).toEqual(new Set([`${run}:a:1`]));
    expect((await rowOf(run)).output).toEqual({ a: 'third' });
  });

  it('fails with the error of its step: thrown, timed out, not configured', async () => {
    await worker(({ stepKey }) => {
      if (stepKey === 'slow') return new Promise(() => {});
      throw new Error('broken');
    });
    const cases = [
      [{ id: 'thrown' }, 'STEP_ERROR', 'broken'],
      [{ id: 'slow', timeout: 0.1 }, 'STEP_TIMEOUT', 'longer than 0.1 s'],
      [{ id: 'bad', type: 'http_request', config: { method: 'GET', url: '{{ input.nothing }}' } }, 'CONFIG_INVALID', '/config/url'],
      [{ id: 'wrong', config: { x: '{{ $number("x") }}' } }, 'EXPRESSION_ERROR', ''],
    ] as const;
    for (const [step, code, text] of cases) {
      const { start } = await storeSteps([step]);
      const [run = ''] = await start();
      await ended([run]);
      const row = await rowOf(run);
      expect(row).toMatchObject({ status: 'failed', error: { code } });
      expect(row.error?.message).toContain(text);
    }
  });

  it('keeps large outputs apart and gives them back whole', async () => {
    const large = { text: 'ä'.repeat(100_000) };
    await worker(({ stepKey }) => done(stepKey === 'a' ? large : { small: true }));
    const { start } = await storeSteps(
      chainOf(2).map((step, index) => ({ ...step, id: index === 0 ? 'a' : 'b', depends_on: index === 0 ? [] : ['a'] })),
    );
    const [run = ''] = await start();
    await ended([run]);
    expect((await eventsOf(run)).find((event) => event.type === 'step_completed')).toMatchObject({ output: large });
    const { rows } = await pool().query('select max(length(data::text)) as longest from run_event where run_id = $1', [uuidOf(run)]);
    expect(rows[0]?.longest).toBeLessThan(1000);
  });

  it('stores any text, and what cannot be stored fails its own run alone', async () => {
    const odd = { nul: 'a\u0000b', high: '\ud800', low: '\udc00x', both: '😀' };
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    await worker(({ stepKey }) => done(stepKey === 'deep' ? deep : odd));
    const good = await storeSteps([{ id: 'a' }]);
    const bad = await storeSteps([{ id: 'deep' }]);
    const [goods, bads] = await Promise.all([good.start(20), bad.start(1)]);
    await ended([...goods, ...bads]);
    for (const run of goods) expect((await rowOf(run)).status).toBe('completed');
    expect((await eventsOf(goods[0] ?? '')).find((event) => event.type === 'step_completed')).toMatchObject({ output: odd });
    expect(['failed', 'completed']).toContain((await rowOf(bads[0] ?? '')).status);
  });
});

describe('waiting', () => {
  it('keeps a short sleep in memory and holds no slot for it', async () => {
    const order: string[] = [];
    await worker(({ runId }) => done(void order.push(runId)), { slots: 1 });
    const sleeper = await storeSteps([
      { id: 'w', type: 'wait', config: { duration: 0.4 } },
      { id: 'x', depends_on: ['w'] },
    ]);
    const quick = await storeSteps([{ id: 'a' }]);
    const [slow = ''] = await sleeper.start();
    await until(async () => (await rowOf(slow)).status === 'waiting');
    expect((await rowOf(slow)).owner).not.toBeNull();
    const [fast = ''] = await quick.start();
    await ended([slow, fast]);
    expect(order).toEqual([fast, slow]);
  });

  it('parks a long sleep: nobody holds it, and it goes on when it is due', async () => {
    const one = await worker(() => done());
    const { start } = await storeSteps([
      { id: 'w', type: 'wait', config: { duration: '1h' } },
      { id: 'x', depends_on: ['w'] },
    ]);
    const [run = ''] = await start();
    await until(async () => (await rowOf(run)).status === 'waiting' && (await rowOf(run)).owner === null);
    expect(one.size).toBe(0);
    const { rows } = await pool().query(`select run_at > now() + interval '50 minutes' as later from graphile_worker.jobs where key = $1`, [
      `run:${uuidOf(run)}`,
    ]);
    expect(rows).toEqual([{ later: true }]);
    // An hour passes: the journal's time and the row's are moved back.
    await pool().query(
      `update run_event set data = jsonb_set(data::jsonb, '{wake_at}', to_jsonb((extract(epoch from now()) * 1000)::bigint))::json where run_id = $1 and type = 'step_waiting'`,
      [uuidOf(run)],
    );
    await pool().query('update run set wake_at = now() where id = $1', [uuidOf(run)]);
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 2 });
    expect(await storyOf(run)).toEqual([
      ...[
        'run_queued',
        'run_started',
        'step_started w',
        'step_waiting w',
        'step_completed w',
        'step_started x',
        'step_completed x',
        'run_completed',
      ],
    ]);
  });
});

describe('control', () => {
  it('cancels a run that is driven: its step is asked to stop', async () => {
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
  it('never drives more runs than it has slots, and takes the urgent and the old ones first', async () => {
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
    await until(async () => (await rowOf(run)).status === 'running' || true);
    // What a reaper does to a worker that it takes for dead.
    await pool().query(`update worker set status = 'dead' where id = $1`, [first.id]);
    await pool().query('update run set owner = null, crashes = crashes + 1 where id = $1', [uuidOf(run)]);
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
    const refused = await append(first.id, [
      { runId: uuidOf(run), epoch: 1, baseSeq: (await rowOf(run)).last_seq, rows: [], head, release: false, taken: 'none' },
    ]);
    expect(refused.size).toBe(0);
    go?.();
    await worker(() => done('second'));
    await ended([run]);
    await until(() => fenced);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 2, output: { a: 'second' } });
    expect(first.size).toBe(0);
    workers = workers.filter((one) => one !== first);
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
    workers = [];
    expect(await rowOf(run)).toMatchObject({ status: 'running', owner: null });
    await worker(({ stepKey }) => done(void where.push(`second ${stepKey}`)));
    await ended([run]);
    expect(where).toEqual(['first s1', 'second s2']);
    expect((await rowOf(run)).status).toBe('completed');
  });

  it('does not repeat a step that was cut off and must not be', async () => {
    const first = await worker(() => new Promise(() => {}));
    const { start } = await storeSteps([{ id: 'pay', type: 'once' }]);
    const [run = ''] = await start();
    await until(async () => (await storyOf(run)).includes('step_started pay'));
    await first.stop(50);
    workers = [];
    await worker(() => done());
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'failed', error: { code: 'OUTCOME_UNKNOWN', step: 'pay' } });
  });
});
