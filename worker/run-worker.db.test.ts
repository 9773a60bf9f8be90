import { describe, expect, it } from 'vitest';
import { pool } from '#lib/db/client.ts';
import { chainOf, done, ended, eventsOf, rowOf, storeSteps, storyOf, until, uuidOf } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

const worker = freshWorkers();

describe('a run', () => {
  it('checklist #35, #132: a condition takes one branch and skips the other; every event once and in order', async () => {
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

  it('checklist #43: passes on an output of 900 kB and fails a step that makes more than 1 MiB', async () => {
    await worker(({ stepKey }) => done('x'.repeat(stepKey === 'much' ? 900_000 : 1_100_000)));
    const { start } = await storeSteps([{ id: 'much' }, { id: 'too_much', retry: { max_attempts: 3 } }]);
    const [run = ''] = await start();
    await ended([run]);
    const events = await eventsOf(run);
    expect(events.find((event) => event.type === 'step_completed')).toMatchObject({ step: 'much' });
    expect(events.find((event) => event.type === 'step_failed')).toMatchObject({ step: 'too_much', error: { code: 'OUTPUT_TOO_LARGE' } });
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

  it('checklist #91: is cancelled with RUN_TIMEOUT when it takes longer than its start allows, parked or at work', async () => {
    await worker(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(done()))));
    const { start } = await storeSteps([{ id: 'a' }], { timeout: 3600 });
    const sleeping = await storeSteps([{ id: 'a', type: 'wait', config: { duration: '1h' } }]);
    const runs = [...(await start(1, {}, { timeoutMs: 150 })), ...(await sleeping.start(1, {}, { timeoutMs: 150 }))];
    await ended(runs);
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({
        status: 'cancelled',
        error: { code: 'RUN_TIMEOUT', message: expect.stringContaining('0.15 s') },
      });
    }
  });

  it('checklist #98: its steps see what the run that it continues has left', async () => {
    await worker((_, config) => done(config));
    const { start } = await storeSteps([{ id: 'a', config: { page: '{{ run.state.next_page }}', none: '{{ run.state.nothing }}' } }]);
    const [first = ''] = await start(1, {}, { savedState: { next_page: 4 } });
    const [second = ''] = await start(1, {});
    await ended([first, second]);
    expect([(await rowOf(first)).output, (await rowOf(second)).output]).toEqual([{ a: { page: 4 } }, { a: {} }]);
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
    await until(() => one.size === 0);
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
