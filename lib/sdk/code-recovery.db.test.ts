import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { pollTaskWorker, registerTaskWorker } from '#lib/contracts/task-workers.ts';
import { pool } from '#lib/db/client.ts';
import { done, eventsOf, startWorker, until } from '#worker/test-runs.ts';
import { calledSteps, codeTest, endOf, serveCode } from './test-code.ts';
import { workflow } from './workflow.ts';

/** What code survives: the death of its process, of the engine's worker, pauses, restarts, and changes of itself. */
const code = codeTest();
const folder = mkdtempSync(join(tmpdir(), 'weftline-code-'));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** A task worker in a process of its own; answers the id of its workflow, and what its steps have said. */
async function startProcess(file = join(folder, `steps-${files++}`)) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'test-task-worker.ts')], {
    env: { ...process.env, WEFTLINE_URL: code().url, WEFTLINE_API_KEY: code().key, STEPS_FILE: file },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  const ids = await new Promise<Record<string, string>>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Record<string, string>));
    child.once('exit', () => reject(new Error('The task worker has ended')));
  });
  return { child, file, id: ids.order ?? '' };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

describe('a task worker that dies', () => {
  test('checklist #78 #79 #84 #90: kill -9 in the middle: another goes on behind the last finished step, and repeats what was cut off', async () => {
    const first = await startProcess();
    const runId = await code().client.startRun(first.id, { hold: 60_000 });
    await until(() => linesOf(first.file).length === 3);
    await until(async () => calledSteps(await code().client.getRun(runId))['note-1']?.status === 'completed');
    first.child.kill('SIGKILL');
    await startProcess(first.file);
    const run = await endOf(code(), runId);
    expect(run).toMatchObject({ status: 'completed', output: ['reserved', 'charged', 'noted', 'sent'] });
    const lines = linesOf(first.file);
    expect(lines.filter((line) => !line.startsWith('charge')).toSorted()).toEqual(['note', 'reserve', 'send']);
    // Its second execution has the same key, so whoever is charged can tell.
    expect(lines.filter((line) => line.startsWith('charge'))).toEqual(['charge 1 charge-1:1', 'charge 2 charge-1:1']);
    expect(calledSteps(run)['charge-1']).toMatchObject({
      status: 'completed',
      attempts: [
        { number: 1, success: false, error: { code: 'WORKER_CRASHED' } },
        { number: 2, success: true },
      ],
    });
    const ends = (await eventsOf(runId)).filter((event) => event.type === 'step_completed').map((event) => event.step);
    expect(ends.toSorted()).toEqual(['charge-1', 'note-1', 'order:0', 'reserve-1', 'send-1']);
  });

  test('a stop hands over what is under way: the step ends, and another worker goes on with the next', async () => {
    const first = await startProcess();
    const runId = await code().client.startRun(first.id, { hold: 800 });
    await until(() => linesOf(first.file).length === 3);
    first.child.kill('SIGTERM');
    await new Promise((resolve) => first.child.once('exit', resolve));
    expect(linesOf(first.file)).toHaveLength(3);
    await startProcess(first.file);
    const run = await endOf(code(), runId);
    expect(run).toMatchObject({ status: 'completed' });
    expect(linesOf(first.file).toSorted()).toEqual(['charge 1 charge-1:1', 'note', 'reserve', 'send']);
  });
});

test('the worker of the engine may change while code runs: nothing is executed twice', async () => {
  const permit = Promise.withResolvers<void>();
  let executed = 0;
  const { ids } = await serveCode(code(), [
    workflow('code', async (step) => {
      await step.do('one', () => ++executed);
      await step.do('held', () => permit.promise.then(() => ++executed));
      return step.do('three', () => ++executed);
    }),
  ]);
  const runId = await code().client.startRun(ids.code ?? '');
  await until(async () => calledSteps(await code().client.getRun(runId))['held-1']?.status === 'running');
  const { rows } = await pool().query<{ owner: string | null }>(
    "select owner from run where status in ('running', 'waiting') and owner is not null",
  );
  const next = await startWorker(() => done());
  // Its owner is as if it had died: whoever is asked next takes the run over.
  await pool().query('update run set owner = null, epoch = epoch + 1 where owner = any($1)', [rows.map((row) => row.owner)]);
  permit.resolve();
  const run = await endOf(code(), runId);
  expect(run).toMatchObject({ status: 'completed', output: 3 });
  expect(executed).toBe(3);
  await next.stop(500);
});

describe('control', () => {
  test('checklist #119: while a run pauses the step under way ends and nothing new begins; resumed, the code goes on', async () => {
    const permit = Promise.withResolvers<void>();
    const executed: string[] = [];
    const { client, api } = code();
    const { ids } = await serveCode(code(), [
      workflow('code', async (step) => {
        await step.do('held', () => permit.promise.then(() => executed.push('held')));
        return step.do('next', () => executed.push('next'));
      }),
    ]);
    const runId = await client.startRun(ids.code ?? '');
    await until(async () => calledSteps(await client.getRun(runId))['held-1']?.status === 'running');
    await api.call('POST', `/api/workflows/runs/${runId}/pause`, {});
    await until(async () => (await client.getRun(runId)).status === 'pausing');
    permit.resolve();
    await until(async () => (await client.getRun(runId)).status === 'paused');
    expect(calledSteps(await client.getRun(runId))).toMatchObject({ 'held-1': { status: 'completed' } });
    expect(executed).toEqual(['held']);
    await api.call('POST', `/api/workflows/runs/${runId}/resume`, {});
    expect(await endOf(code(), runId)).toMatchObject({ status: 'completed', output: 2 });
    expect(executed).toEqual(['held', 'next']);
  });

  test('checklist #112: a cancel stops the step under way and the code with it', async () => {
    const { client, api } = code();
    const stopped = Promise.withResolvers<void>();
    const { ids } = await serveCode(code(), [
      workflow('code', async (step) =>
        step.do('endless', ({ signal }) => {
          signal.addEventListener('abort', () => stopped.resolve());
          return new Promise(() => {});
        }),
      ),
    ]);
    const runId = await client.startRun(ids.code ?? '');
    await until(async () => calledSteps(await client.getRun(runId))['endless-1']?.status === 'running');
    await api.call('POST', `/api/workflows/runs/${runId}/cancel`, {});
    const run = await endOf(code(), runId);
    expect(run).toMatchObject({ status: 'cancelled' });
    expect(calledSteps(run)).toMatchObject({ 'endless-1': { status: 'cancelled' } });
    await stopped.promise;
  });

  test('checklist #123: a restart runs the code from its beginning; a step of it cannot be resumed from alone', async () => {
    const { client, api } = code();
    let executed = 0;
    const { ids } = await serveCode(code(), [
      workflow('code', async (step) => {
        const n = await step.do('count', () => ++executed);
        if (n === 1) await step.do('fail', { retries: { limit: 0 } }, () => Promise.reject(new Error('the first time')));
        return n;
      }),
    ]);
    const runId = await client.startRun(ids.code ?? '');
    expect(await endOf(code(), runId)).toMatchObject({ status: 'failed' });
    const refused = await api.call<{ message: string }>('POST', `/api/workflows/runs/${runId}/resume`, { from_step: 'fail-1' });
    expect(refused.body.message).toContain("the code of 'code:0'");
    await api.call('POST', `/api/workflows/runs/${runId}/restart`, {});
    await until(async () => (await client.getRun(runId)).status === 'completed');
    const run = await client.getRun(runId);
    expect(run.output).toBe(2);
    expect(Object.keys(calledSteps(run))).toEqual(['count-1']);
  });
});

describe('code that changes under a run', () => {
  test.each([
    ['asks for another step', "asked for the step 'other-1' where it had asked for 'one-1' before"],
    ['ends earlier', "ended where it had asked for the step 'sleep:nap-1' before"],
  ])('%s: the run fails and says so, and nothing is executed', async (way, message) => {
    const executed: string[] = [];
    const first = await serveCode(code(), [
      workflow('code', async (step) => {
        await step.do('one', () => executed.push('one'));
        await step.sleep('nap', 2500);
      }),
    ]);
    const runId = await code().client.startRun(first.ids.code ?? '');
    await until(async () => (await code().client.getRun(runId)).step_runs[0]?.status === 'waiting');
    await first.worker.stop();
    await serveCode(code(), [
      workflow('code', async (step) => {
        if (way === 'ends earlier') return step.do('one', () => executed.push('again'));
        return step.do('other', () => executed.push('other'));
      }),
    ]);
    const run = await endOf(code(), runId);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'NONDETERMINISTIC', message: expect.stringContaining(message) } });
    expect(executed).toEqual(['one']);
  });
});

test('a poll that waits holds no connection of the database: more of them than there are connections, and a query answers at once', async () => {
  const { client } = code();
  const body = { name: 'idle', workflows: [{ name: 'idle', definition: workflow('idle', async () => null).definition }] };
  const { id } = await client.call(registerTaskWorker, { body });
  const stop = new AbortController();
  const ask = () => client.call(pollTaskWorker, { params: { id }, body: { free: 1, wait_ms: 20_000 }, signal: stop.signal });
  const polls = Array.from({ length: (pool().options.max ?? 10) + 5 }, () => ask().catch(() => null));
  await until(
    async () =>
      (await pool().query<{ beats: boolean }>('select heartbeat_at > started_at as beats from worker where name = $1', ['idle'])).rows[0]
        ?.beats === true,
  );
  const before = performance.now();
  for (let n = 0; n < 5; n++) await pool().query('select 1');
  expect(performance.now() - before).toBeLessThan(2000);
  stop.abort();
  await Promise.all(polls);
});
