import { describe, expect, it } from 'vitest';
import { pool } from '#lib/db/client.ts';
import { requestCancel, requestPause, requestResume } from '#lib/db/control-runs.ts';
import { exitOf, freshFaults, locked, ownedOf, untilBlocked } from './test-faults.ts';
import { ended, rowOf, storeSteps, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';

/** Real worker processes that stand still and wake up again; a lease of one second. */
const faults = freshFaults();
const FENCED = 75;

describe('a worker that stands still', () => {
  it('checklist #78: its event loop blocked past its lease: its runs go on elsewhere, and nothing that it says afterwards counts', async () => {
    const odd = (id: string, after: string[] = []) => ({ id, depends_on: after, config: { url: `${faults.origin}/${id}` } });
    faults.answer = () => ({});
    faults.holds = (path) => (path === '/beside' || path === '/block') && faults.times(path) === 1;
    const victim = await faults.startOdd({ FAULT_NAME: 'victim' });
    const [beside = ''] = await (await storeSteps([odd('beside'), odd('after', ['beside'])])).start();
    const [blocked = ''] = await (await storeSteps([odd('block')])).start();
    await until(() => faults.held.length === 2);
    await faults.startOdd({ FAULT_NAME: 'other' });
    const block = faults.held.findIndex(({ path }) => path === '/block');
    faults.held.splice(block, 1)[0]?.response.end('{"block":4000}');
    await ended([blocked, beside]);
    const stories = await Promise.all([blocked, beside].map(storyOf));
    expect((await rowOf(blocked)).output).toEqual({ block: { from: 'other' } });
    expect((await rowOf(beside)).output).toEqual({ after: { from: 'other' } });
    faults.letGo();
    expect(await exitOf(victim)).toBe(FENCED);
    expect(await Promise.all([blocked, beside].map(storyOf))).toEqual(stories);
    expect(faults.times('/after')).toBe(1);
  }, 30_000);

  it('checklist #78: in the middle of a transaction, its own row locked: the server ends it, the runs go on, the late one is fenced', async () => {
    const { start } = await storeSteps([faults.call('a')], { concurrency: { limit: 1 } });
    const victim = await faults.start();
    faults.holds = () => true;
    const runs = await start(2);
    await until(() => faults.held.length === 1);
    // Its flush has written and waits for the limit, in one transaction.
    const limit = await locked('select from "limit" for update');
    faults.letGo();
    await untilBlocked();
    victim.kill('SIGSTOP');
    await limit.release();
    await faults.start();
    await ended(runs, 20_000);
    for (const run of runs) expect((await rowOf(run)).status).toBe('completed');
    expect((await pool().query('select from limit_slot')).rowCount).toBe(0);
    victim.kill('SIGCONT');
    expect(await exitOf(victim)).toBe(FENCED);
  }, 40_000);
});

describe('pauses and cancels around a dying worker', () => {
  it('checklist #115, #119: a pause in the middle of a fan-out, then kill -9: what had ended stays, nothing new begins before the resume', async () => {
    const many = Array.from({ length: 12 }, (_, n) => faults.call(`p${n}`));
    const { start, workspaceId } = await storeSteps([
      ...many,
      faults.call(
        'join',
        many.map((one) => one.id),
      ),
    ]);
    const victim = await faults.start();
    // Half of them answer at once.
    faults.holds = (path) => Number(/^\/p(\d+)\//.exec(path)?.[1]) >= 6;
    const [run = ''] = await start();
    await until(async () => (await storyOf(run)).filter((line) => line.startsWith('step_completed')).length === 6);
    await until(() => faults.held.length === 6);
    const place = { workspaceId, runId: run, catalog: testCatalog };
    expect(await requestPause(place)).toMatchObject({ kind: 'accepted' });
    await until(async () => (await rowOf(run)).status === 'pausing');
    victim.kill('SIGKILL');
    await exitOf(victim);
    faults.held.length = 0;
    faults.holds = () => false;
    await faults.start();
    await until(async () => (await rowOf(run)).status === 'paused');
    const before = faults.asked.length;
    expect(faults.times(`/join/${run}`)).toBe(0);
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted' });
    await ended([run]);
    expect((await rowOf(run)).status).toBe('completed');
    expect(faults.times(`/join/${run}`)).toBe(1);
    for (let n = 0; n < 6; n++) expect(faults.times(`/p${n}/${run}`)).toBe(1);
    for (let n = 6; n < 12; n++) expect(faults.keysOf(`/p${n}/${run}`)).toEqual([`${run}:p${n}:1`]);
    expect(faults.asked.length).toBeGreaterThan(before);
  }, 30_000);

  it('checklist #112, #127: cancels while runs complete, park and change hands: each has one end, and an accepted cancel is never forgotten', async () => {
    const quick = await storeSteps([faults.call('a'), faults.call('b', ['a'])]);
    const parks = await storeSteps([faults.call('a'), { id: 'nap', type: 'wait', config: { duration: '1h' }, depends_on: ['a'] }]);
    const held = await storeSteps([faults.call('hold'), faults.call('never', ['hold'])]);
    const victim = await faults.start();
    await faults.start();
    faults.holds = (path) => path.startsWith('/hold/');
    const slow = await held.start(80);
    await until(() => faults.held.length === 80);
    const [fast, parked] = await Promise.all([quick.start(20), parks.start(20)]);
    setTimeout(() => victim.kill('SIGKILL'), 100);
    const cancel = async (workspaceId: string, runId: string, within: number) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * within));
      return { runId, answer: (await requestCancel({ workspaceId, runId, catalog: testCatalog })).kind };
    };
    const answers = await Promise.all([
      ...fast.map((run) => cancel(quick.workspaceId, run, 250)),
      ...parked.map((run) => cancel(parks.workspaceId, run, 400)),
      ...slow.map((run) => cancel(held.workspaceId, run, 1500)),
    ]);
    await ended([...fast, ...parked, ...slow], 25_000);
    for (const { runId, answer } of answers) {
      const { status, owner } = await rowOf(runId);
      expect(owner).toBeNull();
      expect((await storyOf(runId)).filter((line) => line === 'run_completed')).toHaveLength(1);
      // Refused only where it had ended; accepted, it ends as cancelled, but where its last row was on its way already.
      if (answer === 'refused') expect(status).toBe('completed');
      else expect(['cancelled', 'completed']).toContain(status);
      if (!fast.includes(runId)) expect(status).toBe('cancelled');
      expect(faults.times(`/never/${runId}`)).toBe(0);
    }
    expect(await ownedOf([...fast, ...parked, ...slow])).toBe(0);
    const { rows } = await pool().query('select from wait where run_id = any($1)', [[...fast, ...parked, ...slow].map(uuidOf)]);
    expect(rows).toHaveLength(0);
  }, 45_000);
});
