import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '#lib/auth/access.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { explainRun } from '#lib/server/explain-run.ts';
import { testAccess } from '#lib/server/test-workspace.ts';
import type { RunWorker } from './run-worker.ts';
import { done, eventsOf, rowOf, startWorker, storeSteps, until } from './test-runs.ts';

let worker: RunWorker;
let own: Access;

beforeAll(async () => {
  await freshDatabase();
  own = await testAccess();
  worker = await startWorker(() => done());
  atEnd(async () => {
    await worker.stop(500);
    await stopListening();
    await disconnect();
  });
});

async function why(workspaceId: string, runId: string, step?: string) {
  return explainRun({ ...own, workspaceId }, { params: { run_id: runId }, query: { step }, body: {} });
}

const value = (json: string) => ({ type: 'transform', config: { expression: json } });

describe('why, by REST', () => {
  it('tells the conditions of a real run with the values they read, sensitive ones masked, inside loops too', async () => {
    const { workspaceId, start } = await storeSteps([
      { id: 'get', ...value('{"n": 3}') },
      { id: 'hidden', sensitive: 'output', ...value('{"n": 41}') },
      { id: 'open', depends_on: ['get'], skip_when: 'steps.get.output.n > 2', ...value('1') },
      { id: 'closed', depends_on: ['hidden'], run_when: '{{ steps.hidden.output.n = 5 }}', ...value('1') },
      {
        id: 'each',
        type: 'loop',
        depends_on: ['hidden', 'get'],
        config: {
          items: '{{ [1, 2, 3] }}',
          steps: [{ id: 'x', run_when: 'item < 2 and steps.get.output.n = 3', ...value('item') }],
          break_when: 'index = 1',
        },
      },
      { id: 'later', type: 'wait', depends_on: ['each'], config: { event_type: 'paid' } },
    ]);
    const [run = ''] = await start();
    await until(async () => (await rowOf(run)).status === 'waiting');
    const { run: whole, steps } = await why(workspaceId, run);
    const said = Object.fromEntries(steps.map((step) => [step.step_key, step.sentence]));
    expect(said.open).toBe('Skipped because its skip_when condition was true: steps.get.output.n > 2, where steps.get.output.n was 3.');
    expect(said.closed).toBe(
      'Skipped because its run_when condition was false: steps.hidden.output.n = 5, where steps.hidden.output.n was "[REDACTED]".',
    );
    expect(said.each).toContain('It ended after iteration 1, because break_when was true: index = 1, where index was 1.');
    expect(said.later).toMatch(/^Waits for an event of the type 'paid' until /);
    expect(whole).toEqual({
      id: run,
      status: 'waiting',
      sentence: 'Waits, and takes up no worker: later is waiting for something to come.',
    });
    // What comes from an item may have been made of what is hidden around.
    const inside = (await why(workspaceId, run, 'each[1].x')).steps[0];
    expect(inside).toMatchObject({ status: 'skipped', kind: 'skipped', name: 'x' });
    expect(inside?.conditions).toEqual([
      {
        condition: 'run_when',
        expression: 'item < 2 and steps.get.output.n = 3',
        value: false,
        read: [
          { path: 'item', value: '[REDACTED]' },
          { path: 'steps.get.output.n', value: 3 },
        ],
      },
    ]);
    expect((await why(workspaceId, run, 'each[2].x')).steps[0]?.sentence).toMatch(/^Iteration 2 of each never began\. It ended after/);
    const read = (await eventsOf(run)).flatMap((event) => (event.type === 'condition_evaluated' ? (event.read ?? []) : []));
    expect(read.map((one) => one.value)).not.toContain(41);
    expect(read.length).toBeGreaterThan(0);
    await expect(why(workspaceId, run, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(why(own.workspaceId, run)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('tells of the limit and of the queue that a run waits behind', async () => {
    const paid = { id: 'paid', type: 'wait', config: { event_type: 'paid' } };
    const { workspaceId, start } = await storeSteps([paid], {
      concurrency: { limit: 1, key: '{{ input.customer }}', hold_while_waiting: true },
    });
    const [first = ''] = await start(1, { customer: 'acme' });
    await until(async () => (await rowOf(first)).status === 'waiting');
    const [second = ''] = await start(1, { customer: 'acme' });
    const { run, steps } = await why(workspaceId, second);
    expect(run.sentence).toBe("Waits for a free slot of its limit: 1 run with the key 'acme' may be under way at the same time.");
    expect(steps[0]).toMatchObject({ status: 'pending', sentence: 'Waits for the run to start.' });
    const far = await storeSteps([{ id: 'a' }]);
    const [lonely = ''] = await far.start(1, {}, { queue: 'gpu' });
    expect((await why(far.workspaceId, lonely)).run.sentence).toBe("Waits for a worker that serves the queue 'gpu'; none is alive.");
  });
});
