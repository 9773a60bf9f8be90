import { beforeEach, describe, expect, it } from 'vitest';
import { pool } from '#lib/db/client.ts';
import { deleteRun, requestCancel, requestPause, requestReopen, requestResume } from '#lib/db/control-runs.ts';
import { sweepLimits } from '#lib/db/limits.ts';
import { makeRoom, runLimit } from '#lib/server/run-limit.ts';
import { done, ended, rowOf, storeSteps, testCatalog, until, uuidOf } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

const worker = freshWorkers();

beforeEach(async () => {
  await pool().query('truncate run, run_event, "limit", limit_slot');
});

/** A step that counts how many of it are under way, in all workers of this process. */
function counter(millis: number | (() => number)) {
  const seen = { now: 0, most: 0, order: [] as string[] };
  const behavior = async ({ runId }: { runId: string }) => {
    seen.order.push(runId);
    seen.most = Math.max(seen.most, ++seen.now);
    await new Promise((resolve) => setTimeout(resolve, typeof millis === 'number' ? millis : millis()));
    seen.now--;
    return done();
  };
  return { seen, behavior };
}

async function slots(): Promise<string[]> {
  const { rows } = await pool().query<{ run_id: string }>('select run_id from limit_slot order by run_id');
  return rows.map((row) => row.run_id);
}

async function gateOf(run: string): Promise<string | null> {
  const { rows } = await pool().query<{ gate: string | null }>('select gate from run where id = $1', [uuidOf(run)]);
  return rows[0]?.gate ?? null;
}

describe('a limit on the runs of a workflow', () => {
  it('holds exactly over three workers: 200 runs, never more than 3 at a time and 3 most of it, in order', async () => {
    const { seen, behavior } = counter(() => 1 + Math.random() * 6);
    for (let at = 0; at < 3; at++) await worker(behavior, { slots: 20 });
    const { start } = await storeSteps([{ id: 'a' }, { id: 'b', depends_on: ['a'] }], { concurrency: { limit: 3 } });
    const watched: number[] = [];
    const watch = setInterval(() => void slots().then((held) => watched.push(held.length)), 20);
    const runs = await start(200);
    await ended(runs, 40_000);
    clearInterval(watch);
    expect(seen.most).toBe(3);
    expect(Math.max(...watched)).toBe(3);
    expect(await slots()).toEqual([]);
    const firsts = [...new Set(seen.order)];
    expect(firsts).toHaveLength(200);
    // Three at a time, so no run can be further than a few places from its turn.
    expect(Math.max(...firsts.map((run, at) => Math.abs(runs.indexOf(run) - at)))).toBeLessThan(6);
    for (const run of runs) expect((await rowOf(run)).status).toBe('completed');
  }, 60_000);

  it('counts each value of its key apart, and lets urgent runs go first', async () => {
    const { seen, behavior } = counter(20);
    const { start } = await storeSteps([{ id: 'a' }], { concurrency: { limit: 1, key: '{{ input.customer }}' } });
    const acme = await start(6, { customer: 'acme' });
    const other = await start(2, { customer: 'other' });
    await pool().query('update run set priority = 9 where id = $1', [uuidOf(acme[5] ?? '')]);
    await worker(behavior, { slots: 20 });
    await ended([...acme, ...other]);
    expect(seen.most).toBe(2);
    expect(seen.order.filter((run) => acme.includes(run))).toEqual([acme[0], acme[5], ...acme.slice(1, 5)]);
  });

  it('does not stand in the way of other workflows', async () => {
    const { behavior } = counter(300);
    const limited = await storeSteps([{ id: 'a' }], { concurrency: { limit: 1 } });
    const free = await storeSteps([{ id: 'a' }]);
    const held = await limited.start(50);
    const [run = ''] = await free.start();
    await worker(behavior, { slots: 3 });
    await ended([run], 2000);
    expect((await rowOf(held[10] ?? '')).status).toBe('queued');
    await pool().query('delete from run where id = any($1)', [held.slice(1).map(uuidOf)]);
    await ended(held.slice(0, 1));
  });

  it('holds no slot while a run waits or is paused, and asks for one before it goes on', async () => {
    const { seen, behavior } = counter(30);
    await worker(behavior);
    const { start, workspaceId } = await storeSteps(
      [{ id: 'a' }, { id: 'nap', type: 'wait', config: { duration: 1.2 }, depends_on: ['a'] }, { id: 'b', depends_on: ['nap'] }],
      { concurrency: { limit: 1 } },
    );
    const runs = await start(4);
    const [first = ''] = runs;
    await until(async () => (await gateOf(first)) === 'parked');
    const place = { workspaceId, runId: first, catalog: testCatalog };
    expect(await requestPause(place)).toEqual({ kind: 'accepted', status: 'paused' });
    expect(await gateOf(first)).toBe('parked');
    const began = Date.now();
    await ended(runs.slice(1), 6000);
    // Their naps overlapped: one after another would be 3.6 s.
    expect(Date.now() - began).toBeLessThan(3300);
    expect(await slots()).toEqual([]);
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted' });
    await ended(runs);
    expect(seen.most).toBe(1);
  }, 20_000);

  it('holds the slot through waits where the definition says so', async () => {
    const { behavior } = counter(5);
    await worker(behavior);
    const { start } = await storeSteps(
      [
        { id: 'nap', type: 'wait', config: { duration: 40 } },
        { id: 'a', depends_on: ['nap'] },
      ],
      {
        concurrency: { limit: 1, hold_while_waiting: true },
      },
    );
    const [first = '', second = ''] = await start(2);
    await until(async () => (await rowOf(first)).status === 'waiting' && (await rowOf(first)).owner === null);
    expect(await slots()).toEqual([uuidOf(first)]);
    expect(await gateOf(second)).toBe('pending');
  });

  it('gives the slot of a deleted, and of a cancelled run to the next', async () => {
    const { start, workspaceId } = await storeSteps([{ id: 'a' }], { concurrency: { limit: 1 } });
    const [first = '', second = '', third = ''] = await start(3);
    expect(await slots()).toEqual([uuidOf(first)]);
    expect(await requestCancel({ workspaceId, runId: first, catalog: testCatalog })).toEqual({ kind: 'accepted', status: 'cancelled' });
    expect(await slots()).toEqual([uuidOf(second)]);
    await pool().query(`update run set status = 'failed' where id = $1`, [uuidOf(second)]);
    expect(await deleteRun({ workspaceId, runId: second })).toBe('deleted');
    expect(await slots()).toEqual([uuidOf(third)]);
    expect(await gateOf(third)).toBeNull();
  });

  it('stays with the run when its worker dies', async () => {
    const first = await worker(() => new Promise(() => {}));
    const { start } = await storeSteps([{ id: 'a' }], { concurrency: { limit: 1 } });
    const [one = '', two = ''] = await start(2);
    await until(async () => (await rowOf(one)).owner === first.id);
    await first.stop(50);
    expect(await rowOf(one)).toMatchObject({ owner: null });
    expect(await slots()).toEqual([uuidOf(one)]);
    const { seen, behavior } = counter(10);
    await worker(behavior);
    await ended([one, two]);
    expect(seen).toMatchObject({ most: 1, order: [one, two] });
  });

  it('ends what comes over the limit at once where it says skip', async () => {
    const { start } = await storeSteps([{ id: 'a' }], { concurrency: { limit: 2, on_limit: 'skip' } });
    const runs = await start(3);
    expect(await rowOf(runs[2] ?? '')).toMatchObject({ status: 'cancelled', error: { code: 'CONCURRENCY_LIMIT' }, last_seq: 2 });
    await worker(() => done());
    await ended(runs);
    expect((await rowOf(runs[1] ?? '')).status).toBe('completed');
    const [later = ''] = await start();
    await ended([later]);
    expect((await rowOf(later)).status).toBe('completed');
  });

  it('cancels the oldest where it says cancel_running', async () => {
    const started: string[] = [];
    await worker(({ runId, signal }) => {
      started.push(runId);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    const concurrency = { limit: 1, on_limit: 'cancel_running' } as const;
    const { start } = await storeSteps([{ id: 'a' }], { concurrency });
    const [first = ''] = await start();
    await until(() => started.includes(first));
    const workflow = await pool().query<{ workflow_id: string }>('select workflow_id from run where id = $1', [uuidOf(first)]);
    const workflowUuid = workflow.rows[0]?.workflow_id ?? '';
    const limit = await runLimit(
      { name: 'test', concurrency, steps: [{ id: 'a', type: 'work' }] },
      { workflowUuid, input: {}, current: true },
    );
    const [second = '', third = ''] = await start(2);
    await makeRoom(limit);
    await ended([first, second]);
    expect((await rowOf(first)).status).toBe('cancelled');
    expect((await rowOf(second)).status).toBe('cancelled');
    await until(() => started.includes(third));
    expect(started).toEqual([first, third]);
  });

  it('holds for runs that begin anew long after, when the limit itself was forgotten', async () => {
    const { seen, behavior } = counter(150);
    await worker(behavior);
    const { start, workspaceId } = await storeSteps([{ id: 'a' }], { concurrency: { limit: 1 } });
    const runs = await start(3);
    await ended(runs);
    await pool().query('delete from "limit"');
    for (const runId of runs) await requestReopen({ workspaceId, runId, catalog: testCatalog }, { kind: 'restart', fromStep: null });
    await until(() => seen.order.length === 6);
    await ended(runs);
    expect(seen.most).toBe(1);
  });

  it('sweeps slots that nobody holds and opens what a lost hint left closed', async () => {
    const { start } = await storeSteps([{ id: 'a' }], { concurrency: { limit: 1 } });
    const [first = '', second = ''] = await start(2);
    await pool().query(`update run set status = 'failed', completed_at = now() where id = $1`, [uuidOf(first)]);
    expect(await sweepLimits()).toBe(1);
    expect(await slots()).toEqual([uuidOf(second)]);
    await pool().query('delete from run where id = $1', [uuidOf(second)]);
    expect(await sweepLimits()).toBe(1);
    await pool().query(`update "limit" set updated_at = now() - interval '2 hours'`);
    expect(await sweepLimits()).toBe(0);
    expect((await pool().query('select from "limit"')).rowCount).toBe(0);
  });
});
