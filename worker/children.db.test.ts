import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { idFromUuid, uuidv7 } from '#lib/base/ids.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { database, disconnect, pool } from '#lib/db/client.ts';
import { deleteRuns, requestCancel, requestPause, requestReopen, requestResume } from '#lib/db/control-runs.ts';
import { createRuns } from '#lib/db/create-runs.ts';
import { storeDefinition } from '#lib/db/definitions.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import { keepFamilies } from './keep-limits.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, eventsOf, rowOf, startWorker, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';

let workers: RunWorker[] = [];
const workspaceUuid = uuidv7();
const workspaceId = idFromUuid('ws', workspaceUuid);

async function worker(...options: Parameters<typeof startWorker>): Promise<RunWorker> {
  const made = await startWorker(...options);
  workers.push(made);
  return made;
}

beforeAll(async () => {
  await freshDatabase();
  await database().workspace.create({ data: { id: workspaceUuid, name: 'Test', slug: 'test' } });
  atEnd(async () => {
    await stopListening();
    await disconnect();
  });
});

afterEach(async () => {
  await Promise.all(workers.map((one) => one.stop(300)));
  workers = [];
  await pool().query('truncate run, run_event, inbox, "limit", limit_slot');
});

type Steps = readonly (Partial<Step> & { id: string })[];

/** A workflow with one version; answers its id. */
async function store(steps: Steps, rest: Partial<Omit<Definition, 'steps'>> = {}, uuid = uuidv7()): Promise<string> {
  const definition = { name: 'test', ...rest, steps: steps.map((step) => ({ type: 'work', ...step })) };
  const definitionHash = await storeDefinition(database(), definition);
  const before = await database().workflow.findUnique({ where: { id: uuid } });
  const number = (before?.currentVersion ?? 0) + 1;
  const data = { name: 'test', status: 'active', currentVersion: number };
  await database().workflow.upsert({ where: { id: uuid }, create: { id: uuid, workspaceId: workspaceUuid, ...data }, update: data });
  await database().version.create({ data: { workflowId: uuid, number, definitionHash } });
  return idFromUuid('wf', uuid);
}

async function start(workflowId: string, input: Json = {}): Promise<string> {
  const uuid = workflowId.slice(3).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
  const { definitionHash, number: version } = await database().version.findFirstOrThrow({
    where: { workflowId: uuid },
    orderBy: { number: 'desc' },
  });
  const [made] = await createRuns([{ workspaceId, workflowId, version, definitionHash, trigger: 'api', input }]);
  return made?.runId ?? '';
}

const call = (workflowId: string, config: JsonObject = {}, more: Partial<Step> = {}) => ({
  id: 'call',
  type: 'workflow',
  config: { workflow_id: workflowId, ...config },
  ...more,
});

async function childrenOf(run: string): Promise<{ id: string; status: string; input: Json; version: number; priority: number }[]> {
  const { rows } = await pool().query<{ id: string; status: string; input: Json; version: number; priority: number }>(
    'select id, status, input, version, priority from run where parent_run_id = $1 order by id',
    [uuidOf(run)],
  );
  return rows.map((row) => ({ ...row, id: idFromUuid('run', row.id) }));
}

async function errorOf(run: string): Promise<{ code: string; message: string; data?: Json } | undefined> {
  return (await eventsOf(run)).find((event) => event.type === 'step_failed')?.error;
}

/** A step that waits until it is let go or told to stop. */
function gate() {
  const waiting = new Map<string, () => void>();
  return {
    waiting,
    behavior: ({ runId, signal }: { runId: string; signal: AbortSignal }) =>
      new Promise<ReturnType<typeof done>>((resolve, reject) => {
        waiting.set(runId, () => resolve(done('let go')));
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      }),
  };
}

describe('a step that runs a workflow', () => {
  it('checklist #39 #71: gives the output of the run, which got its input from expressions', async () => {
    await worker(({ scope }) => done({ got: scope.input }));
    const child = await store([{ id: 'a' }], { output: 'a' });
    const parent = await store([{ id: 'first' }, call(child, { input: { n: '{{ input.n }}' } }, { depends_on: ['first'] })], {
      output: 'call',
    });
    const run = await start(parent, { n: 7 });
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', output: { got: { n: 7 } } });
    expect(await childrenOf(run)).toMatchObject([{ status: 'completed', input: { n: 7 }, version: 1 }]);
    const [row] = (await pool().query('select trigger, parent_step, parent_waits from run where parent_run_id = $1', [uuidOf(run)])).rows;
    expect(row).toEqual({ trigger: 'sub-workflow', parent_step: 'call', parent_waits: true });
  });

  it('holds no worker while it waits, and runs the version that is pinned', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior, { slots: 1 });
    const uuid = uuidv7();
    const child = await store([{ id: 'old' }], {}, uuid);
    await store([{ id: 'new' }], {}, uuid);
    const parent = await store([call(child, { version: 1 })]);
    const run = await start(parent);
    await until(() => waiting.size === 1);
    await until(async () => (await rowOf(run)).status === 'waiting' && (await rowOf(run)).owner === null);
    waiting.values().next().value?.();
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ call: { old: 'let go' } });
  });

  it('checklist #72 #75: fails with a summary when the run fails', async () => {
    await worker(({ stepKey }) =>
      stepKey === 'bad' ? { kind: 'failed', error: { code: 'BAD', message: 'It is bad' }, retryable: false } : done(),
    );
    const child = await store([{ id: 'good' }, { id: 'bad', depends_on: ['good'] }, { id: 'after', depends_on: ['bad'] }]);
    const parent = await store([call(child), { id: 'rescue', depends_on: [{ step: 'call', branch: 'error' }] }]);
    const run = await start(parent);
    await ended([run]);
    const [made] = await childrenOf(run);
    expect(await errorOf(run)).toMatchObject({
      code: 'SUBWORKFLOW_FAILED',
      data: { run_id: made?.id, status: 'failed', error: { code: 'BAD', step: 'bad' }, totals: { completed: 1, failed: 1, skipped: 1 } },
    });
    expect((await rowOf(run)).status).toBe('completed');
  });

  it('does not wait where it is told not to', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const child = await store([{ id: 'a' }]);
    const run = await start(await store([call(child, { wait: false })], { output: 'call' }));
    await ended([run]);
    const [made] = await childrenOf(run);
    expect((await rowOf(run)).output).toEqual({ run_id: made?.id });
    await until(() => waiting.has(made?.id ?? ''));
    expect((await rowOf(made?.id ?? '')).status).toBe('running');
  });

  it('starts a failed run again where the step has a retry', async () => {
    let runs = 0;
    await worker(() => (++runs === 1 ? { kind: 'failed', error: { code: 'BAD', message: 'No' }, retryable: false } : done('second')));
    const child = await store([{ id: 'a' }]);
    const run = await start(await store([call(child, {}, { retry: { max_attempts: 2, delay: '10ms' } })]));
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ call: { a: 'second' } });
    expect((await childrenOf(run)).map((one) => one.status)).toEqual(['failed', 'completed']);
  });
});

describe('queues', () => {
  it('a workflow step on another queue runs there, and the run itself stays where it is', async () => {
    const where: string[] = [];
    const at =
      (place: string) =>
      ({ stepKey }: { stepKey: string }) => {
        where.push(`${place} ${stepKey}`);
        return done(place);
      };
    await worker(at('here'));
    const child = await store([{ id: 'render' }]);
    const run = await start(await store([call(child, {}, { queue: 'gpu' }), { id: 'after', depends_on: ['call'] }]));
    await until(async () => (await childrenOf(run)).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(where).toEqual([]);
    await worker(at('there'), { queues: ['gpu'] });
    await ended([run]);
    expect(where).toEqual(['there render', 'here after']);
  });
});

describe('what cannot be started', () => {
  const missing = idFromUuid('wf', uuidv7());
  it.each([
    ['there is no such workflow', async () => missing, {}],
    ['it has no such version', async () => store([{ id: 'a' }]), { version: 9 }],
    ['its input does not fit', async () => store([{ id: 'a' }], { input_schema: { type: 'object', required: ['n'] } }), {}],
    ['its limit cannot be computed', async () => store([{ id: 'a' }], { concurrency: { limit: 1, key: '{{ $number("x") }}' } }), {}],
  ])('checklist #73: fails the step with a load error: %s', async (_what, make, config) => {
    await worker(() => done());
    const run = await start(await store([call(await make(), config)]));
    await ended([run]);
    expect(await errorOf(run)).toMatchObject({ code: 'SUBWORKFLOW_LOAD_ERROR' });
    expect(await childrenOf(run)).toEqual([]);
  });

  it('checklist #39: refuses a workflow that would run itself, through another one too', async () => {
    await worker(() => done());
    const [one, two] = [uuidv7(), uuidv7()];
    await store([call(idFromUuid('wf', two))], {}, one);
    await store([call(idFromUuid('wf', one))], {}, two);
    const run = await start(idFromUuid('wf', one));
    await ended([run]);
    expect(await errorOf(run)).toMatchObject({ code: 'SUBWORKFLOW_FAILED', data: { error: { code: 'SUBWORKFLOW_CYCLE' } } });
  });

  it('refuses more than 20 workflows one above another', async () => {
    await worker(() => done());
    let id = await store([{ id: 'a' }]);
    for (let at = 0; at < 20; at++) id = await store([call(id)]);
    const run = await start(id);
    await ended([run]);
    const { rows } = await pool().query<{ error: { code: string } }>(`select error from run where error->>'code' = 'SUBWORKFLOW_NESTING'`);
    expect(rows).toHaveLength(1);
    expect((await pool().query('select from run')).rowCount).toBe(20);
  });
});

describe('control goes down', () => {
  it('checklist #114: a cancel, whether the parent is parked or driven', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const inner = await store([{ id: 'a' }]);
    const middle = await store([call(inner)]);
    const parked = await start(await store([call(middle)]));
    const driven = await start(await store([call(middle), { id: 'busy' }]));
    await until(() => waiting.size === 3);
    for (const runId of [parked, driven]) {
      expect(await requestCancel({ workspaceId, runId, catalog: testCatalog })).toMatchObject({ kind: 'accepted' });
    }
    await until(async () => (await pool().query(`select from run where status = 'cancelled'`)).rowCount === 6);
  });

  it('checklist #120: a pause by hand and a resume, and no pause after an error', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const child = await store([{ id: 'a' }, { id: 'b', depends_on: ['a'] }]);
    const run = await start(await store([call(child)]));
    await until(() => waiting.size === 1);
    const [made] = await childrenOf(run);
    const place = { workspaceId, runId: run, catalog: testCatalog };
    expect(await requestPause(place)).toEqual({ kind: 'accepted', status: 'paused' });
    await until(async () => (await rowOf(made?.id ?? '')).status === 'pausing');
    waiting.get(made?.id ?? '')?.();
    await until(async () => (await rowOf(made?.id ?? '')).status === 'paused');
    waiting.clear();
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted' });
    await until(() => waiting.size === 1);
    waiting.get(made?.id ?? '')?.();
    await ended([run]);
    expect((await rowOf(run)).status).toBe('completed');
  });

  it('checklist #120: a pause holds back a run that has not begun; a resume lets it begin', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const child = await store([{ id: 'a' }], { concurrency: { limit: 1 } });
    const run = await start(await store([call(child), call(child, {}, { id: 'other' })]));
    const place = { workspaceId, runId: run, catalog: testCatalog };
    await until(() => waiting.size === 1);
    await until(async () => (await childrenOf(run)).length === 2 && (await rowOf(run)).owner === null);
    const queued = (await childrenOf(run)).find((one) => one.status === 'queued')?.id ?? '';
    expect(await requestPause(place)).toMatchObject({ kind: 'accepted' });
    await until(async () => (await rowOf(queued)).status === 'paused');
    await until(async () => (await childrenOf(run)).some((one) => one.status === 'pausing'));
    for (const letGo of waiting.values()) letGo();
    await until(async () => (await childrenOf(run)).every((one) => one.status === 'paused'));
    expect(waiting.size).toBe(1);
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted' });
    await until(() => waiting.has(queued));
    waiting.get(queued)?.();
    await ended([run]);
    expect((await rowOf(run)).status).toBe('completed');
    expect(await storyOf(queued)).toEqual(expect.arrayContaining(['run_queued', 'run_paused', 'run_resumed', 'run_started']));
  });

  it('checklist #120: an error pause leaves the child alone', async () => {
    const { waiting, behavior } = gate();
    await worker((context) =>
      context.stepKey === 'bad'
        ? { kind: 'failed', error: { code: 'BAD', message: 'No' }, retryable: false }
        : context.stepKey === 'slow'
          ? new Promise((resolve) => setTimeout(() => resolve(done()), 150))
          : behavior(context),
    );
    const child = await store([{ id: 'a' }, { id: 'b', depends_on: ['a'] }]);
    const run = await start(await store([call(child), { id: 'slow' }, { id: 'bad', depends_on: ['slow'] }], { on_error: 'pause' }));
    await until(async () => (await rowOf(run)).status === 'paused');
    const [made] = await childrenOf(run);
    const letGo = waiting.get(made?.id ?? '');
    waiting.clear();
    letGo?.();
    await until(() => waiting.size === 1);
    waiting.get(made?.id ?? '')?.();
    await ended([made?.id ?? '']);
    expect(await rowOf(made?.id ?? '')).toMatchObject({ status: 'completed' });
    expect((await rowOf(run)).status).toBe('paused');
    await requestResume({ workspaceId, runId: run, catalog: testCatalog });
    await ended([run]);
    expect((await storyOf(run)).filter((line) => line === 'step_completed call')).toHaveLength(1);
  });

  it('checklist #123: a restart cancels the runs that steps inside a loop wait for, whether the parent is parked or driven', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const child = await store([{ id: 'a' }]);
    const loop = { id: 'each', type: 'loop', config: { items: [1, 2], concurrency: 2, steps: [call(child) as unknown as Json] } };
    const parked = await start(await store([loop]));
    const driven = await start(await store([loop, { id: 'busy' }]));
    await until(() => waiting.size === 5);
    const first = [...(await childrenOf(parked)), ...(await childrenOf(driven))].map((one) => one.id);
    await until(async () => (await rowOf(parked)).owner === null);
    for (const runId of [parked, driven]) {
      expect(await requestReopen({ workspaceId, runId, catalog: testCatalog }, { kind: 'restart', fromStep: null })).toMatchObject({
        kind: 'accepted',
      });
    }
    await until(async () => (await Promise.all(first.map(rowOf))).every((row) => row.status === 'cancelled'));
    await until(async () => [...(await childrenOf(parked)), ...(await childrenOf(driven))].length === 8);
  });

  it('a time limit of the step cancels the run it waits for', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const child = await store([{ id: 'a' }]);
    const run = await start(await store([call(child, {}, { timeout: '200ms' })]));
    await ended([run]);
    expect(waiting.size).toBe(1);
    expect(await errorOf(run)).toMatchObject({ code: 'STEP_TIMEOUT' });
    const [made] = await childrenOf(run);
    await until(async () => (await rowOf(made?.id ?? '')).status === 'cancelled');
  });
});

describe('crashes', () => {
  it('an owner that died before it could start the run: the next one starts it, once', async () => {
    const child = await store([{ id: 'a' }]);
    const parent = await store([call(child)]);
    const run = await start(parent);
    const planned = uuidv7();
    const plan = { run_id: idFromUuid('run', planned), workflow_id: child, version: 1, input: { from: 'plan' } };
    const rows = [
      ['run_started', null, null, null],
      ['step_started', 'call', 1, { execution: 1 }],
      ['step_waiting', 'call', 1, { kind: 'child', wake_at: null, data: plan }],
    ] as const;
    for (const [index, [type, step, attempt, data]] of rows.entries())
      await pool().query('insert into run_event (run_id, seq, type, step, attempt, at, data) values ($1, $2, $3, $4, $5, now(), $6)', [
        uuidOf(run),
        index + 2,
        type,
        step,
        attempt,
        data === null ? null : JSON.stringify(data),
      ]);
    await pool().query(`update run set status = 'waiting', last_seq = 4, epoch = 1, wake_at = now() where id = $1`, [uuidOf(run)]);
    await worker(({ scope }) => done(scope.input));
    await ended([run]);
    expect((await childrenOf(run)).map((one) => one.id)).toEqual([plan.run_id]);
    expect((await rowOf(run)).output).toEqual({ call: { a: { from: 'plan' } } });
  });

  it('a run that nobody waits for any more is cancelled, though its parent goes on', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const run = await start(await store([call(await store([{ id: 'a' }])), { id: 'busy' }]));
    await until(() => waiting.size === 2);
    const [made] = await childrenOf(run);
    await keepFamilies(testCatalog);
    expect((await rowOf(made?.id ?? '')).status).toBe('running');
    // As if the parent's worker had died between the end of the step and telling the run.
    await pool().query(`update wait set data = '{"run_id":"run_of_the_next_attempt"}' where run_id = $1`, [uuidOf(run)]);
    await keepFamilies(testCatalog);
    await until(async () => (await rowOf(made?.id ?? '')).status === 'cancelled');
  });

  it('whatever their input is, NUL included', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const child = await store([{ id: 'a' }]);
    const kept = await start(await store([call(child, { input: '{{ input }}' }), { id: 'busy' }]), { text: 'a\u0000b' });
    const run = await start(await store([call(child), { id: 'busy' }]));
    await until(() => waiting.size === 4);
    const [[keeps], [made]] = await Promise.all([childrenOf(kept), childrenOf(run)]);
    await pool().query(`update wait set data = '{"run_id":"run_of_the_next_attempt"}' where run_id = $1`, [uuidOf(run)]);
    await keepFamilies(testCatalog);
    await until(async () => (await rowOf(made?.id ?? '')).status === 'cancelled');
    expect((await rowOf(keeps?.id ?? '')).status).toBe('running');
  });

  it('checklist #120: a pause and a resume that nobody lived to pass on come down with the sweep; what people ask of the run stands', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const run = await start(await store([call(await store([{ id: 'a' }, { id: 'b', depends_on: ['a'] }]))]));
    await until(() => waiting.size === 1);
    const id = (await childrenOf(run))[0]?.id ?? '';
    const [parent, child] = [run, id].map((runId) => ({ workspaceId, runId, catalog: testCatalog }));
    if (parent === undefined || child === undefined) throw new Error('There is no run');
    const status = async () => (await rowOf(id)).status;
    await requestPause(parent);
    await until(async () => (await status()) === 'pausing');
    // A person lets the child go on, and the sweep does not know better.
    await requestResume(child);
    await until(async () => (await status()) === 'running');
    await keepFamilies(testCatalog);
    expect((await pool().query('select control from run where id = $1', [uuidOf(id)])).rows).toEqual([{ control: 'none' }]);
    // As if whoever paused the parent had died before it could tell the child.
    await pool().query('update run set told_to_pause = false where id = $1', [uuidOf(id)]);
    await keepFamilies(testCatalog);
    await until(async () => (await status()) === 'pausing');
    waiting.get(id)?.();
    waiting.delete(id);
    await until(async () => (await status()) === 'paused');
    await keepFamilies(testCatalog);
    expect(await status()).toBe('paused');
    // The same of the resume.
    await requestResume(parent);
    // The resume has come down to the child and its next step has begun, which a pause lets end.
    await until(async () => (await status()) === 'running' && waiting.has(id));
    await requestPause(child);
    await until(async () => (await status()) === 'pausing');
    await keepFamilies(testCatalog);
    expect(await status()).toBe('pausing');
    await pool().query('update run set told_to_pause = true where id = $1', [uuidOf(id)]);
    await keepFamilies(testCatalog);
    await until(async () => (await status()) === 'running');
    waiting.get(id)?.();
    await until(async () => {
      waiting.get(id)?.();
      return (await rowOf(run)).status === 'completed';
    });
  });

  it('a deleted child fails the step that waits for it', async () => {
    const { waiting, behavior } = gate();
    await worker(behavior);
    const run = await start(await store([call(await store([{ id: 'a' }]))]));
    await until(() => waiting.size === 1);
    const [made] = await childrenOf(run);
    await until(async () => (await rowOf(run)).owner === null);
    const client = await pool().connect();
    await client.query('begin');
    await deleteRuns(client, [uuidOf(made?.id ?? '')]);
    await client.query('commit');
    client.release();
    await ended([run]);
    expect(await errorOf(run)).toMatchObject({ code: 'SUBWORKFLOW_FAILED', data: { status: 'deleted' } });
  });

  it('many parents and children over two workers: each parent gets the output of its own', async () => {
    await worker(({ scope }) => done(scope.input));
    await worker(({ scope }) => done(scope.input));
    const child = await store([{ id: 'a' }], { output: 'a' });
    const parent = await store([call(child, { input: '{{ input }}' }), call(child, { input: '{{ input }}' }, { id: 'other' })]);
    const runs = await Promise.all(Array.from({ length: 40 }, (_, n) => start(parent, { n })));
    await ended(runs, 30_000);
    for (const [n, run] of runs.entries()) expect((await rowOf(run)).output).toEqual({ call: { n }, other: { n } });
    expect((await pool().query('select from run where parent_waits')).rowCount).toBe(80);
  });
});

describe('a step on another queue', () => {
  it('starts the run that it waits for through the owner of its own run, on the queue that it names', async () => {
    const behavior: Parameters<typeof startWorker>[0] = async (context) => {
      if (context.stepKey !== 'far') return done('from below');
      const plan = await context.runs.plan({ workflowId: child, version: null, input: {} });
      if ('error' in plan) return { kind: 'failed', error: plan.error, retryable: false };
      return { kind: 'wait', on: 'child', until: null, data: plan.child };
    };
    const child = await store([{ id: 'only' }], { output: 'only' });
    const run = await start(await store([{ id: 'far', queue: 'gpu' }], { output: 'far' }));
    await worker(behavior, { queues: ['default'] });
    await worker(behavior, { queues: ['gpu'] });
    await ended([run]);
    expect(await rowOf(run)).toMatchObject({ status: 'completed', output: 'from below' });
    const { rows } = await pool().query('select queue, parent_step from run where parent_run_id = $1', [uuidOf(run)]);
    expect(rows).toEqual([{ queue: 'gpu', parent_step: 'far' }]);
  });
});
