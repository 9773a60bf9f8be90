import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { uuidFromId } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { requestCancel, requestPause, requestReopen, requestResume } from '#lib/db/control-runs.ts';
import { postMail } from '#lib/db/mailbox.ts';
import { stopListening } from '#lib/db/notify.ts';
import { putSecretRecord } from '#lib/db/secrets.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { listApprovalRows } from '#lib/db/waits.ts';
import { closeExpressionProcesses } from '#lib/server/expression-process.ts';
import { getHealth } from '#lib/server/get-health.ts';
import { seal, sealKey } from '#lib/server/seal.ts';
import { secretPlace } from '#lib/server/secret-view.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, eventsOf, rowOf, startWorker, storeSteps, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';

/** Several workers of one process, each serving other queues. */
let workers: RunWorker[] = [];

async function worker(...options: Parameters<typeof startWorker>): Promise<RunWorker> {
  const made = await startWorker(...options);
  workers.push(made);
  return made;
}

beforeAll(async () => {
  process.env.WEFTLINE_ENCRYPTION_KEY = 'test-encryption-key-0123456789-0123456789';
  await freshDatabase();
  atEnd(async () => {
    await Promise.all([stopListening(), closeExpressionProcesses()]);
    await disconnect();
  });
});

beforeEach(async () => {
  await pool().query('truncate run, run_event, wait, inbox');
});

afterEach(async () => {
  await Promise.all(workers.map((one) => one.stop(500)));
  workers = [];
});

const home = { queues: ['default'] };
const gpu = { queues: ['gpu'] };

async function offers(): Promise<{ step: string; queue: string; priority: number; claimed: boolean }[]> {
  const { rows } = await pool().query(
    `select step, queue, priority, claimed_by is not null as claimed from wait where kind = 'remote' order by id`,
  );
  return rows;
}

/** All that the database keeps of runs, as text. */
async function everyRow(): Promise<string> {
  const { rows } = await pool().query<{ text: string }>(
    `select string_agg(text, ' ') as text from (select run::text as text from run union all select run_event::text from run_event
     union all select wait::text from wait union all select inbox::text from inbox) as everything`,
  );
  return rows[0]?.text ?? '';
}

/** A promise that the test fulfils, for a step to wait on. */
function gate() {
  return Promise.withResolvers<void>();
}

describe('routing', () => {
  test('checklist #29: a step of a queue runs on a worker that serves it, the others with their run; the journal looks alike', async () => {
    const where: string[] = [];
    await worker(({ stepKey }) => {
      where.push(`home ${stepKey}`);
      return done({ at: stepKey });
    }, home);
    await worker((context, config) => {
      where.push(`gpu ${context.stepKey}`);
      return done({ given: config.value ?? null, seen: context.scope.steps, key: context.idempotencyKey });
    }, gpu);
    const { start } = await storeSteps([
      { id: 'a' },
      { id: 'b', queue: 'gpu', depends_on: ['a'], config: { value: '{{ steps.a.output.at }} of {{ input.who }}' } },
      { id: 'c', depends_on: ['b'] },
    ]);
    const [run = ''] = await start(1, { who: 'Ada' });
    await ended([run]);
    expect(where).toEqual(['home a', 'gpu b', 'home c']);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', owner: null });
    const events = (await eventsOf(run)).filter((event) => 'step' in event && event.step === 'b');
    expect(events.map((event) => event.type)).toEqual(['step_waiting', 'step_started', 'step_completed']);
    expect(events[0]).toMatchObject({ kind: 'remote', data: { queue: 'gpu' } });
    expect(events[1]).toMatchObject({ attempt: 1, execution: 1, input: { value: 'a of Ada' } });
    expect(events[2]).toMatchObject({ output: { given: 'a of Ada', seen: { a: { output: { at: 'a' } } }, key: `${run}:b:1` } });
    expect(await offers()).toEqual([]);
    const { rowCount } = await pool().query('select from inbox');
    expect(rowCount).toBe(0);
  });

  test('checklist #29: the most urgent first, then the oldest; a step without a priority has that of its run', async () => {
    await worker(() => done(), home);
    const { start } = await storeSteps([
      { id: 'low', queue: 'gpu', priority: -1 },
      { id: 'plain', queue: 'gpu' },
      { id: 'high', queue: 'gpu', priority: 10 },
      { id: 'later', queue: 'gpu' },
    ]);
    const [one = ''] = await start();
    await until(async () => (await offers()).length === 4);
    const [two = ''] = await start(1, {}, { priority: 5 });
    await until(async () => (await offers()).length === 8);
    const order: string[] = [];
    await worker(
      ({ runId, stepKey }) => {
        order.push(`${runId === one ? 'one' : 'two'} ${stepKey}`);
        return done();
      },
      { ...gpu, slots: 1 },
    );
    await ended([one, two]);
    expect(order).toEqual(['one high', 'two high', 'two plain', 'two later', 'one plain', 'one later', 'one low', 'two low']);
  });

  test('a pure step runs where its queue says; a loop stays and fans its items out', async () => {
    const seen = new Map<string, number>();
    await worker(() => done(), home);
    const fan = (name: string) => (context: { stepKey: string }, config: { n?: Json }) => {
      seen.set(`${name} ${context.stepKey}`, Number(config.n));
      return done(Number(config.n) * 2);
    };
    await Promise.all([worker(fan('one'), gpu), worker(fan('two'), gpu)]);
    const { start } = await storeSteps([
      { id: 'pure', type: 'transform', queue: 'gpu', config: { fields: { list: Array.from({ length: 40 }, (_, n) => n) } } },
      {
        id: 'each',
        type: 'loop',
        depends_on: ['pure'],
        config: {
          items: '{{ steps.pure.output.list }}',
          concurrency: 40,
          steps: [{ id: 'x', type: 'work', queue: 'gpu', config: { n: '{{ item }}' } }],
        },
      },
    ]);
    const [run = ''] = await start();
    await ended([run]);
    const row = await rowOf(run);
    expect(row.error).toBe(null);
    expect(seen.size).toBe(40);
    expect([...seen.keys()].filter((key) => key.endsWith('each[7].x'))).toHaveLength(1);
    expect(await storyOf(run)).toContain('step_waiting pure');
    const outputs = (await eventsOf(run)).filter((event) => event.type === 'step_completed' && event.step.startsWith('each['));
    expect(outputs.map((event) => event.type === 'step_completed' && event.output)).toEqual(
      expect.arrayContaining(Array.from({ length: 40 }, (_, n) => n * 2)),
    );
  });
});

describe('slots', () => {
  test('runs and the steps of others share them: never more at once than there are, and neither starves', async () => {
    const seen = { now: 0, most: 0, far: 0, near: 0 };
    await worker(() => done(), { ...home, slots: 50 });
    await worker(
      async ({ stepKey }) => {
        seen.most = Math.max(seen.most, ++seen.now);
        if (stepKey === 'far') seen.far++;
        else seen.near++;
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.now--;
        return done();
      },
      { ...gpu, slots: 2 },
    );
    const offering = await storeSteps([{ id: 'far', queue: 'gpu' }]);
    const own = await storeSteps([{ id: 'near' }]);
    const runs = [...(await offering.start(40)), ...(await own.start(40, {}, { queue: 'gpu' }))];
    await ended(runs);
    expect(seen).toMatchObject({ most: 2, far: 40, near: 40, now: 0 });
  });
});

describe('what the owner hears', () => {
  test('logs, progress and events arrive while the step runs; the run waits without a slot', async () => {
    const hold = gate();
    const owner = await worker(() => done(), { ...home, slots: 1 });
    await worker(async (context) => {
      context.log('hello');
      context.progress(0.5);
      context.emit('news', { n: 1 });
      await context.record('kept', { n: 2 });
      await hold.promise;
      return done('end');
    }, gpu);
    const { start } = await storeSteps([{ id: 'b', queue: 'gpu' }]);
    const [run = ''] = await start();
    await until(async () => {
      const types = (await eventsOf(run)).map((event) => event.type);
      return ['step_started', 'step_log', 'step_progress', 'step_emitted'].every((type) => types.includes(type as never));
    });
    // The only slot of the owner is free, and later it does not even hold the run.
    const other = await storeSteps([{ id: 'only' }]);
    await ended(await other.start());
    await until(async () => (await rowOf(run)).owner === null);
    expect((await rowOf(run)).status).toBe('waiting');
    expect(owner.size).toBe(0);
    hold.resolve();
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ b: 'end' });
    expect((await storyOf(run)).filter((line) => line.startsWith('step_started'))).toHaveLength(1);
  });

  test('a failed attempt goes back to the queue; each try is an attempt with one idempotency key', async () => {
    const keys: string[] = [];
    await worker(() => done(), home);
    await worker(({ attempt, idempotencyKey }) => {
      keys.push(`${attempt} ${idempotencyKey}`);
      if (attempt < 3) return { kind: 'failed', error: { code: 'AGAIN', message: 'not yet' }, retryable: true };
      return done('third');
    }, gpu);
    const retry = { max_attempts: 3, delay: '50ms', jitter: false } as const;
    const { start } = await storeSteps([{ id: 'b', queue: 'gpu', retry }]);
    const [run = ''] = await start();
    await ended([run]);
    expect(keys).toEqual([1, 2, 3].map((n) => `${n} ${run}:b:1`));
    expect((await storyOf(run)).filter((line) => line.endsWith(' b'))).toEqual([
      ...['step_waiting b', 'step_started b', 'step_retrying b', 'step_waiting b', 'step_started b', 'step_retrying b'],
      ...['step_waiting b', 'step_started b', 'step_completed b'],
    ]);
  });

  test('its time counts where it runs', async () => {
    await worker(() => done(), home);
    let aborted = false;
    await worker(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted = true;
      return done();
    }, gpu);
    const { start } = await storeSteps([{ id: 'b', queue: 'gpu', timeout: '200ms' }]);
    const [run = ''] = await start();
    await ended([run]);
    expect((await rowOf(run)).error).toMatchObject({ code: 'STEP_TIMEOUT', step: 'b' });
    expect(aborted).toBe(true);
  });

  test('secrets are read where it runs, and what it reports is masked before it leaves: no row holds them', async () => {
    const [secret, key] = ['tok_0123456789abcdef', process.env.WEFTLINE_ENCRYPTION_KEY ?? ''];
    const seen: Json[] = [];
    const rows: string[] = [];
    await worker(() => done(), home);
    await worker(async (context, config) => {
      seen.push(config);
      context.log(`with ${JSON.stringify(config)}`);
      await context.record('used', config);
      rows.push(await everyRow());
      return done({ echo: config });
    }, gpu);
    const { start, workspaceId } = await storeSteps([{ id: 'b', queue: 'gpu', config: { auth: 'Bearer {{ secrets.TOKEN }}' } }]);
    const workspace = uuidFromId('ws', workspaceId) ?? '';
    const sealed = seal(secret, secretPlace(workspace, 'TOKEN'), [sealKey(key)]);
    await putSecretRecord(workspace, 'TOKEN', { sealed, description: '', by: 'Ada' });
    const [run = ''] = await start();
    await ended([run]);
    expect(seen).toEqual([{ auth: `Bearer ${secret}` }]);
    const events = await eventsOf(run);
    const masked = { auth: 'Bearer [SECRET]' };
    expect(events.find((event) => event.type === 'step_started')).toMatchObject({ input: masked });
    expect(events.find((event) => event.type === 'step_emitted')).toMatchObject({ data: masked });
    expect(events.find((event) => event.type === 'step_completed')).toMatchObject({ output: { echo: masked } });
    for (const text of [...rows, await everyRow()]) expect(text).not.toContain(secret);
  });

  test('a config that cannot be resolved there fails the step', async () => {
    await worker(() => done(), home);
    await worker(() => done(), gpu);
    const { start } = await storeSteps([{ id: 'b', queue: 'gpu', config: { value: '{{ secrets.MISSING }}' } }]);
    const [run = ''] = await start();
    await ended([run]);
    expect((await rowOf(run)).error).toMatchObject({ code: 'SECRET_NOT_FOUND', step: 'b', path: '/config/value' });
  });

  test('an approval that it waits for is the business of its owner', async () => {
    await worker(() => done(), home);
    const far = await worker(() => ({ kind: 'wait', on: 'approval', until: null, data: { prompt: 'Sure?' } }), gpu);
    const { start, workspaceId } = await storeSteps([{ id: 'asks', queue: 'gpu' }]);
    const [run = ''] = await start();
    const open = () =>
      listApprovalRows(uuidFromId('ws', workspaceId) ?? '', { runUuid: uuidOf(run), step: null, limit: 10, offset: 0, after: null });
    await until(async () => (await open()).total === 1);
    await far.stop(500);
    const [approval] = (await open()).rows;
    const token = approval?.token ?? '';
    await postMail([{ runId: uuidOf(run), kind: 'decision', step: 'asks', token, payload: { decision: 'approved' } }]);
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', output: { asks: { decision: 'approved' } } });
  });

  test.each([
    ['timer', () => ({ until: Date.now() + 100, data: 'slept' }), 'slept'],
    ['event', () => ({ until: Date.now() + 200, data: { event_type: 'never' } }), null],
  ] as const)('it may end by waiting for a %s, which the owner does', async (on, wait, output) => {
    await worker(() => done(), home);
    const far = await worker(() => ({ kind: 'wait', on, ...wait() }), gpu);
    const { start } = await storeSteps([{ id: 'b', queue: 'gpu' }]);
    const [run = ''] = await start();
    await ended([run]);
    const row = await rowOf(run);
    if (output === null) expect(row.error).toMatchObject({ code: 'WAIT_TIMEOUT' });
    else expect(row.output).toEqual({ b: output });
    expect(far.size).toBe(0);
  });

  test('a step that is too late for its queue fails as any other', async () => {
    await worker(() => done(), home);
    const { start } = await storeSteps([{ id: 'b', queue: 'nobody', good_until: new Date(Date.now() + 700).toISOString() }]);
    const [run = ''] = await start();
    await ended([run]);
    expect((await rowOf(run)).error).toMatchObject({ code: 'TASK_EXPIRED' });
    expect(await offers()).toEqual([]);
  });
});

describe('control', () => {
  async function executing() {
    const seen = { begun: 0, aborted: 0 };
    const hold = gate();
    const owner = await worker(() => done(), home);
    const far = await worker(async ({ signal }) => {
      seen.begun++;
      signal.addEventListener('abort', () => {
        seen.aborted++;
        hold.resolve();
      });
      await hold.promise;
      return done('late');
    }, gpu);
    const { start, workspaceId } = await storeSteps([
      { id: 'b', queue: 'gpu' },
      { id: 'c', depends_on: ['b'] },
    ]);
    const [run = ''] = await start();
    await until(async () => seen.begun === 1 && (await storyOf(run)).includes('step_started b'));
    return { seen, hold, owner, far, run, place: { workspaceId, runId: run, catalog: testCatalog } };
  }

  test('a cancel reaches the worker that executes the step, and what it still says changes nothing', async () => {
    const { seen, run, place } = await executing();
    await requestCancel(place);
    await ended([run]);
    await until(() => seen.aborted === 1);
    expect((await rowOf(run)).status).toBe('cancelled');
    const story = await storyOf(run);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await storyOf(run)).toEqual(story);
    expect(story).toContain('step_cancelled b');
  });

  test('a cancel of a run that nobody drives reaches it too', async () => {
    const { seen, run, place } = await executing();
    await until(async () => (await rowOf(run)).owner === null);
    await requestCancel(place);
    await ended([run]);
    await until(() => seen.aborted === 1);
    expect((await rowOf(run)).status).toBe('cancelled');
  });

  test('a restart stops it and offers it again as another execution', async () => {
    const { seen, run, place } = await executing();
    await requestReopen(place, { kind: 'restart', fromStep: null });
    await until(() => seen.begun === 2);
    await ended([run]);
    expect(seen.aborted).toBe(1);
    expect((await rowOf(run)).status).toBe('completed');
    const starts = (await eventsOf(run)).filter((event) => event.type === 'step_started' && event.step === 'b');
    expect(starts).toMatchObject([{ execution: 1 }, { execution: 2, attempt: 1 }]);
    expect((await storyOf(run)).filter((line) => line === 'step_completed b')).toHaveLength(1);
  });

  test('a pause lets the step end; what was only offered waits until the run goes on', async () => {
    const { hold, run, place } = await executing();
    await requestPause(place);
    await until(async () => (await rowOf(run)).status === 'pausing');
    hold.resolve();
    await until(async () => (await rowOf(run)).status === 'paused');
    expect(await storyOf(run)).toContain('step_completed b');
    const offered = await storeSteps([{ id: 'b', queue: 'tpu' }]);
    const [second = ''] = await offered.start();
    const secondPlace = { ...place, workspaceId: offered.workspaceId, runId: second };
    await until(async () => (await offers()).length === 1);
    await requestPause(secondPlace);
    await until(async () => (await rowOf(second)).status === 'paused');
    let begun = 0;
    await worker(
      () => {
        begun++;
        return done();
      },
      { queues: ['tpu'] },
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(begun).toBe(0);
    await requestResume(secondPlace);
    await requestResume(place);
    await ended([run, second]);
    expect(begun).toBe(1);
  });
});

describe('workers that leave', () => {
  test('checklist #79: the drain of the executing worker gives the step to another, with the same key', async () => {
    const keys: string[] = [];
    await worker(() => done(), home);
    const stuck = await startWorker(async ({ idempotencyKey, signal }) => {
      keys.push(idempotencyKey);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return done('never');
    }, gpu);
    const { start } = await storeSteps([{ id: 'b', queue: 'gpu' }]);
    const [run = ''] = await start();
    await until(() => keys.length === 1);
    await until(async () => (await storyOf(run)).includes('step_started b'));
    await stuck.stop(100);
    await worker(({ idempotencyKey }) => {
      keys.push(idempotencyKey);
      return done('second');
    }, gpu);
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ b: 'second' });
    expect(keys).toEqual([`${run}:b:1`, `${run}:b:1`]);
  });

  test('checklist #79: a step that must not be repeated fails with OUTCOME_UNKNOWN', async () => {
    let begun = 0;
    await worker(() => done(), home);
    const stuck = await startWorker(async ({ signal }) => {
      begun++;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return done();
    }, gpu);
    const { start } = await storeSteps([{ id: 'b', type: 'once', queue: 'gpu' }]);
    const [run = ''] = await start();
    await until(() => begun === 1);
    await stuck.stop(50);
    await worker(() => {
      begun++;
      return done();
    }, gpu);
    await ended([run]);
    expect((await rowOf(run)).error).toMatchObject({ code: 'OUTCOME_UNKNOWN', step: 'b' });
    expect(begun).toBe(1);
  });

  test('a drain waits for what is about to end, and the owner may leave meanwhile: executed once', async () => {
    let begun = 0;
    const hold = gate();
    const owner = await startWorker(() => done(), home);
    const far = await startWorker(async () => {
      begun++;
      await hold.promise;
      return done('end');
    }, gpu);
    const { start } = await storeSteps([{ id: 'b', queue: 'gpu' }]);
    const [run = ''] = await start();
    await until(async () => (await storyOf(run)).includes('step_started b'));
    await owner.stop(100);
    expect((await rowOf(run)).owner).toBe(null);
    const stopping = far.stop(5000);
    hold.resolve();
    await stopping;
    await worker(() => done(), home);
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ b: 'end' });
    expect(begun).toBe(1);
    expect((await pool().query('select from wait where run_id = $1', [uuidOf(run)])).rowCount).toBe(0);
  });
});

test('a queue that no live worker serves is told by health, after a while, and no more once one does', async () => {
  await worker(() => done(), home);
  const { start } = await storeSteps([{ id: 'b', queue: 'gpu' }]);
  const runs = [...(await start()), ...(await start(1, {}, { queue: 'tpu' }))];
  await until(async () => (await offers()).length === 1);
  expect((await getHealth()).unserved_queues).toEqual([]);
  await pool().query(`update wait set created_at = created_at - interval '6 s'`);
  await pool().query(`update run set created_at = created_at - interval '6 s' where queue = 'tpu'`);
  expect(await getHealth()).toMatchObject({
    status: 'ok',
    unserved_queues: [
      { queue: 'gpu', runs: 0, steps: 1 },
      { queue: 'tpu', runs: 1, steps: 0 },
    ],
  });
  await worker(() => done(), { queues: ['gpu', 'tpu'] });
  expect((await getHealth()).unserved_queues).toEqual([]);
  await ended(runs);
});
