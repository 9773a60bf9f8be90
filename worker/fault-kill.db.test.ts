import { describe, expect, it } from 'vitest';
import { pool } from '#lib/db/client.ts';
import { cutBlocked, exitOf, freshFaults, locked, ownedOf, untilBlocked } from './test-faults.ts';
import { ended, eventsOf, rowOf, storeSteps, storyOf, until, uuidOf } from './test-runs.ts';

/** kill -9 of real worker processes, at moments that a lock in the database holds still. */
const faults = freshFaults();
const RUNS = 20;

async function gapless(run: string): Promise<void> {
  const events = await eventsOf(run);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter((event) => event.type === 'run_completed')).toHaveLength(1);
}

describe('kill -9 of a worker', () => {
  it('checklist #78: between its claim and its first flush: the runs begin anew elsewhere, under the same key', async () => {
    const { start } = await storeSteps([faults.call('a'), faults.call('b', ['a'])]);
    const runs = await start(RUNS);
    const journal = await locked('lock table run_event in share mode');
    const victim = await faults.start();
    await until(async () => (await ownedOf(runs)) === RUNS);
    await untilBlocked();
    victim.kill('SIGKILL');
    await exitOf(victim);
    await cutBlocked();
    await journal.release();
    for (const run of runs) expect(await storyOf(run)).toEqual(['run_queued']);
    await faults.start();
    await ended(runs);
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'completed', epoch: 2, owner: null });
      expect(faults.keysOf(`/a/${run}`)).toEqual([`${run}:a:1`]);
      expect(faults.times(`/b/${run}`)).toBe(1);
      await gapless(run);
    }
  }, 30_000);

  it('checklist #79: after the side effect and before its flush: repeated under the same key, or told as unknown; nothing before it again', async () => {
    const { start } = await storeSteps([
      faults.call('first'),
      faults.call('pay', ['first']),
      faults.call('ask', ['first'], { on_crash: 'ask' }),
      faults.call('last', ['pay']),
    ]);
    const victim = await faults.start();
    faults.holds = (path) => !path.startsWith('/first/');
    const runs = await start(RUNS);
    await until(() => faults.held.length === 2 * RUNS);
    const journal = await locked('lock table run_event in share mode');
    faults.letGo();
    await untilBlocked();
    victim.kill('SIGKILL');
    await exitOf(victim);
    await cutBlocked();
    await journal.release();
    await faults.start();
    await ended(runs);
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'failed', error: { code: 'OUTCOME_UNKNOWN', step: 'ask' } });
      expect([faults.times(`/first/${run}`), faults.times(`/ask/${run}`), faults.times(`/last/${run}`)]).toEqual([1, 1, 1]);
      expect([faults.times(`/pay/${run}`), faults.keysOf(`/pay/${run}`)]).toEqual([2, [`${run}:pay:1`]]);
      await gapless(run);
    }
  }, 30_000);

  it('checklist #79: with its flush on the wire: what the database has taken stands, and is not repeated', async () => {
    const { start } = await storeSteps([faults.call('a')]);
    const victim = await faults.start();
    faults.holds = () => true;
    const runs = await start(RUNS);
    await until(() => faults.held.length === RUNS);
    const rows = await locked('select from run where id = any($1) for update', [runs.map(uuidOf)]);
    faults.letGo();
    await untilBlocked();
    victim.kill('SIGKILL');
    await exitOf(victim);
    await rows.release();
    await faults.start();
    await ended(runs);
    // What was not in the statement under way is repeated; the statement itself was written after the death of who sent it.
    const stands = (await Promise.all(runs.map(rowOf))).filter((row) => row.epoch === 1);
    expect(stands.length).toBeGreaterThan(0);
    for (const run of runs) {
      const { epoch, status } = await rowOf(run);
      expect(status).toBe('completed');
      expect(faults.times(`/a/${run}`)).toBe(epoch);
      await gapless(run);
    }
  }, 30_000);

  it('while its flush waits for a lock: the server ends the statement of who is gone, so that it can be declared dead', async () => {
    const { start } = await storeSteps([faults.call('a'), faults.call('b', ['a'])]);
    const victim = await faults.start();
    faults.holds = () => true;
    const runs = await start(5);
    await until(() => faults.held.length === 5);
    const journal = await locked('lock table run_event in share mode');
    faults.letGo();
    await untilBlocked();
    victim.kill('SIGKILL');
    await untilBlocked(false);
    await journal.release();
    await faults.start();
    await ended(runs);
    for (const run of runs) {
      expect([faults.times(`/a/${run}`), faults.times(`/b/${run}`), faults.keysOf(`/a/${run}`)]).toEqual([2, 1, [`${run}:a:1`]]);
    }
  }, 30_000);
});

describe('a run that ends its worker', () => {
  it('is given up after five times, says so, and those that died with it go on', async () => {
    const odd = (id: string) => ({ id, config: { url: `${faults.origin}/${id}` } });
    faults.holds = (path) => path === '/innocent';
    faults.answer = (path) => (path === '/poison' ? { die: true } : {});
    const [poisoned = ''] = await (await storeSteps([odd('poison')])).start();
    const innocent = await (await storeSteps([odd('innocent'), { ...odd('after'), depends_on: ['innocent'] }])).start(3);
    let deaths = 0;
    let over = false;
    const supervised = (async () => {
      while (!over) {
        const child = await faults.startOdd();
        await exitOf(child);
        deaths++;
      }
    })();
    await ended([poisoned], 80_000);
    expect(await rowOf(poisoned)).toMatchObject({ status: 'failed', error: { code: 'RUN_POISONED' } });
    expect(faults.times('/poison')).toBe(5);
    // All of them were in flight with it three times, and not once more.
    const { rows } = await pool().query<{ crashes: number }>('select crashes from run where id = any($1)', [innocent.map(uuidOf)]);
    expect(Math.max(...rows.map((row) => row.crashes))).toBeLessThan(5);
    faults.letGo();
    await ended(innocent, 20_000);
    for (const run of innocent) expect((await rowOf(run)).status).toBe('completed');
    over = true;
    for (const child of faults.children) child.kill('SIGKILL');
    await supervised;
    expect(deaths).toBe(6);
  }, 130_000);
});
