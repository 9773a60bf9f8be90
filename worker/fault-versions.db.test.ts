import { describe, expect, it } from 'vitest';
import { pool } from '#lib/db/client.ts';
import { requestCancel, requestReopen } from '#lib/db/control-runs.ts';
import { unservedQueues } from '#lib/db/remote-steps.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import { exitOf, freshFaults } from './test-faults.ts';
import { ended, rowOf, storeSteps, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';

/** A rolling deploy: workers of two versions serve one queue at the same time. */
const faults = freshFaults();
const odd = (id: string, more: object = {}) => ({ id, config: { url: `${faults.origin}/${id}` }, ...more });
// Nobody is to be declared dead here for being slow on a busy machine; a killed one is noticed by its lock all the same.
const begin = (env: Readonly<Record<string, string>>) => faults.startOdd({ WORKER_LEASE_MS: '3000', ...env });
const newer = (more = {}) => begin({ FAULT_NEWER: '1', FAULT_NAME: 'newer', ...more });
const older = (more = {}) => begin({ FAULT_NAME: 'older', ...more });

/** As a newer server would have made them: hidden from everybody until they are marked. */
async function madeByNewer(start: Awaited<ReturnType<typeof storeSteps>>['start'], count: number): Promise<string[]> {
  const runs = await start(count, {}, { queue: 'nobody' });
  await pool().query(`update run set engine = $2, queue = 'default' where id = any($1)`, [runs.map(uuidOf), ENGINE_VERSION + 1]);
  return runs;
}

describe('a rolling deploy', () => {
  it('an older worker leaves alone what a newer version has made, and does the rest; health says what waits for whom', async () => {
    await older();
    const known = await storeSteps([odd('a')]);
    const unknown = await storeSteps([odd('n', { type: 'new' }), odd('z', { depends_on: ['n'] })]);
    const waiting = await madeByNewer(unknown.start, 5);
    const plain = await known.start(20);
    await ended(plain);
    for (const run of plain) expect((await rowOf(run)).output).toEqual({ a: { from: 'older' } });
    for (const run of waiting) expect(await rowOf(run)).toMatchObject({ status: 'queued', epoch: 0, owner: null });
    expect(await unservedQueues(0)).toMatchObject([{ queue: 'default', runs: 5 }]);
    await newer();
    await ended(waiting);
    for (const run of waiting) expect(await rowOf(run)).toMatchObject({ status: 'completed', output: { z: { from: 'newer' } } });
    expect(await unservedQueues(0)).toEqual([]);
  }, 30_000);

  it('a run goes from older to newer workers and never back, when either is killed', async () => {
    const first = await older();
    const { start } = await storeSteps([odd('one'), odd('two', { depends_on: ['one'] })]);
    faults.holds = () => true;
    const runs = await start(5);
    await until(() => faults.held.length === 5);
    first.kill('SIGKILL');
    await exitOf(first);
    // The newer takes them over, does the first step, and dies in the second.
    const second = await newer();
    await until(() => faults.held.length === 10);
    for (const { response } of faults.held.splice(0)) response.end('{}');
    await until(() => faults.held.length === 5);
    second.kill('SIGKILL');
    await exitOf(second);
    const third = await older();
    // It declares the newer dead and gives its runs back, but does not claim them; what else there is it does.
    await until(async () => (await Promise.all(runs.map(rowOf))).every((row) => row.owner === null));
    faults.letGo();
    const others = await start(5);
    await ended(others);
    const stories = await Promise.all(runs.map(storyOf));
    for (const run of runs) expect(await rowOf(run)).toMatchObject({ status: 'running', owner: null, epoch: 2 });
    await newer();
    await ended(runs);
    for (const [index, run] of runs.entries()) {
      expect((await storyOf(run)).slice(0, stories[index]?.length)).toEqual(stories[index]);
      expect((await rowOf(run)).output).toEqual({ two: { from: 'newer' } });
    }
    expect(third.exitCode).toBeNull();
  }, 40_000);

  it('a step of a newer run is not executed by an older worker of its queue, and an older server does not change the run', async () => {
    await newer();
    await older({ QUEUES: 'gpu' });
    const { start } = await storeSteps([odd('far', { queue: 'gpu' })]);
    const naps = await storeSteps([{ id: 'nap', type: 'wait', config: { duration: '1h' } }]);
    const [run = ''] = await start();
    const [asleep = ''] = await naps.start();
    await until(async () => (await rowOf(asleep)).status === 'waiting' && (await rowOf(asleep)).owner === null);
    await until(async () => (await storyOf(run)).includes('step_waiting far'));
    const place = { workspaceId: naps.workspaceId, runId: asleep, catalog: testCatalog };
    for (const answer of [await requestCancel(place), await requestReopen(place, { kind: 'restart', fromStep: null })]) {
      expect(answer).toMatchObject({ kind: 'refused', refusal: { message: expect.stringContaining('newer version') } });
    }
    expect(faults.times('/far')).toBe(0);
    await newer({ QUEUES: 'gpu' });
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ far: { from: 'newer' } });
  }, 30_000);
});
