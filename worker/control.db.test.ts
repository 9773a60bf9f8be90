import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pool } from '#lib/db/client.ts';
import { requestCancel, requestPause, requestReopen, requestResume } from '#lib/db/control-runs.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { fold } from '#lib/engine/apply.ts';
import { type Behavior, chainOf, done, ended, eventsOf, rowOf, storeSteps, storyOf, testCatalog, until, uuidOf } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

const worker = freshWorkers();

const FAILED = { kind: 'failed', error: { code: 'X', message: 'no' }, retryable: false } as const;
const statusOf = async (run: string): Promise<string> => (await rowOf(run)).status;

/** Steps that end when the test says so. */
function gates() {
  const open = new Map<string, () => void>();
  const behavior: Behavior = ({ stepKey, signal }) =>
    new Promise((resolve) => {
      open.set(stepKey, () => resolve(done(stepKey)));
      signal.addEventListener('abort', () => resolve(FAILED));
    });
  const pass = async (key: string): Promise<void> => {
    await until(() => open.has(key));
    open.get(key)?.();
    open.delete(key);
  };
  return { behavior, pass, running: (key: string) => until(() => open.has(key)) };
}

describe('pause and resume', () => {
  test('checklist #119, #115, #116: what is in flight finishes, nothing new starts; a resume goes on', async () => {
    const { behavior, pass, running } = gates();
    await worker(behavior);
    const { start, workspaceId } = await storeSteps(chainOf(2));
    const [runId = ''] = await start();
    const place = { workspaceId, runId, catalog: testCatalog };
    await running('s1');
    expect(await requestResume(place)).toMatchObject({ kind: 'refused' });
    expect(await requestPause(place)).toMatchObject({ kind: 'accepted' });
    // At once, before its worker has seen the first, and while what is in flight still runs.
    expect(await requestPause(place)).toMatchObject({ kind: 'refused', refusal: { code: 'wrong_status' } });
    await until(async () => (await statusOf(runId)) === 'pausing');
    expect(await requestPause(place)).toMatchObject({ kind: 'refused', status: 'pausing' });
    await pass('s1');
    await until(async () => (await statusOf(runId)) === 'paused');
    expect(await requestPause(place)).toMatchObject({ kind: 'refused', status: 'paused' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await storyOf(runId)).at(-1)).toBe('run_paused');
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted' });
    await pass('s2');
    await ended([runId]);
    expect(await rowOf(runId)).toMatchObject({ status: 'completed', owner: null });
  });

  test('checklist #122: a resume while pausing withdraws the pause', async () => {
    const { behavior, pass, running } = gates();
    await worker(behavior);
    const { start, workspaceId } = await storeSteps(chainOf(2));
    const [runId = ''] = await start();
    const place = { workspaceId, runId, catalog: testCatalog };
    await running('s1');
    await requestPause(place);
    await until(async () => (await statusOf(runId)) === 'pausing');
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted' });
    await until(async () => (await statusOf(runId)) === 'running');
    await pass('s1');
    await pass('s2');
    await ended([runId]);
    expect((await storyOf(runId)).filter((line) => line.startsWith('run_'))).toEqual([
      ...['run_queued', 'run_started', 'run_pausing', 'run_resumed', 'run_completed'],
    ]);
  });

  test('checklist #121: the time spent paused is added to a sleep and to the limit of the run', async () => {
    await worker(() => done());
    const { start, workspaceId } = await storeSteps([{ id: 'nap', type: 'wait', config: { duration: '1h' } }], { timeout: '2h' });
    const [runId = ''] = await start();
    const place = { workspaceId, runId, catalog: testCatalog };
    await until(async () => (await rowOf(runId)).status === 'waiting' && (await rowOf(runId)).owner === null);
    const before = fold(await loadGraph(await hashOf(runId), testCatalog), await eventsOf(runId));
    expect(await requestPause(place)).toMatchObject({ status: 'paused' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await requestResume(place)).toMatchObject({ kind: 'accepted' });
    const after = fold(await loadGraph(await hashOf(runId), testCatalog), await eventsOf(runId));
    const shift = (after.steps[0]?.waiting?.wakeAt ?? 0) - (before.steps[0]?.waiting?.wakeAt ?? 0);
    expect(shift).toBeGreaterThanOrEqual(290);
    expect((after.deadline ?? 0) - (before.deadline ?? 0)).toBe(shift);
    await requestCancel(place);
  });
});

describe('running again', () => {
  test('checklist #118: resume from the step that failed keeps what was before it', async () => {
    let broken = true;
    const starts: string[] = [];
    await worker(({ stepKey, idempotencyKey }) => {
      starts.push(idempotencyKey);
      return stepKey === 's2' && broken ? FAILED : done(stepKey);
    });
    const { start, workspaceId } = await storeSteps(chainOf(3));
    const [runId = ''] = await start();
    const place = { workspaceId, runId, catalog: testCatalog };
    await ended([runId]);
    expect(await requestReopen(place, { kind: 'resume', fromStep: 'nope' })).toMatchObject({ refusal: { code: 'unknown_step' } });
    broken = false;
    expect(await requestReopen(place, { kind: 'resume', fromStep: 's2', dryRun: true })).toMatchObject({ status: 'failed' });
    const answer = await requestReopen(place, { kind: 'resume', fromStep: 's2' });
    expect(answer).toMatchObject({ kind: 'accepted', plan: { runsAgain: ['s2', 's3'], kept: ['s1'] } });
    await until(async () => (await statusOf(runId)) === 'completed');
    expect(starts).toEqual([`${runId}:s1:1`, `${runId}:s2:1`, `${runId}:s2:2`, `${runId}:s3:2`]);
    const seqs = (await eventsOf(runId)).map((event) => event.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(await requestReopen(place, { kind: 'resume', fromStep: 's2' })).toMatchObject({ kind: 'refused', status: 'completed' });
  });

  test('checklist #123, #124: restart of a run that a worker drives stops what is in flight and begins anew', async () => {
    let aborted = 0;
    let slow = true;
    const starts: string[] = [];
    await worker(({ stepKey, idempotencyKey, signal }) => {
      starts.push(idempotencyKey.slice(-4));
      if (stepKey !== 's2' || !slow) return done();
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted++;
          resolve(done('too late'));
        });
      });
    });
    const { start, workspaceId } = await storeSteps(chainOf(3));
    const [runId = ''] = await start();
    const place = { workspaceId, runId, catalog: testCatalog };
    await until(() => starts.includes('s2:1'));
    expect(await requestReopen(place, { kind: 'restart', fromStep: 's2' })).toMatchObject({ kind: 'accepted' });
    await until(() => starts.includes('s2:2'));
    slow = false;
    expect(await requestReopen(place, { kind: 'restart', fromStep: null })).toMatchObject({ kind: 'accepted' });
    await ended([runId]);
    expect([starts, aborted]).toEqual([['s1:1', 's2:1', 's2:2', 's1:2', 's2:3', 's3:3'], 2]);
    expect(await rowOf(runId)).toMatchObject({ status: 'completed', output: { s3: null } });
    expect(await requestReopen(place, { kind: 'restart', fromStep: null })).toMatchObject({ kind: 'accepted', status: 'running' });
    await until(async () => (await statusOf(runId)) === 'completed');
    expect(starts.slice(6)).toEqual(['s1:3', 's2:4', 's3:4']);
  });
});

describe('undo', () => {
  const saga = (undo: object = {}) =>
    chainOf(3).map((step) =>
      step.id === 's3' ? step : { ...step, undo: { type: 'work', config: { undoes: `{{ steps.${step.id}.output }}` }, ...undo } },
    );

  test('checklist #94, #95: a failed run undoes what completed, last started first; an undo sees output and error', async () => {
    const undone: [string, unknown][] = [];
    await worker(({ stepKey }, config) => {
      if (stepKey.endsWith('/undo')) undone.push([stepKey, config.undoes]);
      return stepKey === 's3' ? FAILED : done(`did ${stepKey}`);
    });
    const steps = saga();
    steps[1] = { ...steps[1], id: 's2', undo: { type: 'work', config: { undoes: '{{ run.error.code }} {{ run.error.step }}' } } };
    const { start } = await storeSteps(steps);
    const [runId = ''] = await start();
    await ended([runId]);
    expect(undone).toEqual([
      ['s2/undo', 'X s3'],
      ['s1/undo', 'did s1'],
    ]);
    expect((await storyOf(runId)).slice(-4)).toEqual(['run_rolling_back', 'step_undone s2', 'step_undone s1', 'run_completed']);
    expect(await rowOf(runId)).toMatchObject({ status: 'failed', error: { code: 'X' } });
  });

  test('an undo has its own retries; the first that fails in the end stops the rest', async () => {
    const tries: string[] = [];
    await worker(({ stepKey }) => {
      if (stepKey.endsWith('/undo')) tries.push(stepKey);
      if (stepKey === 's2/undo') return { ...FAILED, retryable: true };
      return stepKey === 's3' ? FAILED : done();
    });
    const { start } = await storeSteps(saga({ retry: { max_attempts: 3, delay: 0.01 } }));
    const [runId = ''] = await start();
    await ended([runId]);
    expect(tries).toEqual(['s2/undo', 's2/undo', 's2/undo']);
    expect((await eventsOf(runId)).find((event) => event.type === 'step_undone')).toMatchObject({ step: 's2', error: { code: 'X' } });
  });

  test('checklist #125: a cancel with rollback undoes first, of a run at work as of a parked one', async () => {
    const undone: string[] = [];
    await worker(({ stepKey, signal }) => {
      if (stepKey.endsWith('/undo')) undone.push(stepKey);
      if (stepKey !== 's2') return done();
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(FAILED)));
    });
    const busy = await storeSteps(saga());
    const [atWork = ''] = await busy.start();
    await until(async () => (await storyOf(atWork)).includes('step_started s2'));
    const place = { workspaceId: busy.workspaceId, runId: atWork, catalog: testCatalog };
    expect(await requestCancel(place, true)).toMatchObject({ kind: 'accepted' });
    await ended([atWork]);
    expect(await rowOf(atWork)).toMatchObject({ status: 'cancelled' });
    expect(undone).toEqual(['s1/undo']);
    const asleep = await storeSteps([
      { id: 's1', undo: { type: 'work' } },
      { id: 'nap', type: 'wait', config: { duration: '1h' }, depends_on: ['s1'] },
    ]);
    const [parked = ''] = await asleep.start();
    await until(async () => (await rowOf(parked)).status === 'waiting' && (await rowOf(parked)).owner === null);
    await requestCancel({ workspaceId: asleep.workspaceId, runId: parked, catalog: testCatalog }, true);
    await ended([parked]);
    expect([await statusOf(parked), undone]).toEqual(['cancelled', ['s1/undo', 's1/undo']]);
  });

  test('goes on after its worker is gone in the middle: the interrupted undo is repeated with the same key', async () => {
    const keys: string[] = [];
    const behavior =
      (hangs: boolean): Behavior =>
      ({ stepKey, idempotencyKey }) => {
        if (stepKey.endsWith('/undo')) keys.push(idempotencyKey);
        if (stepKey === 's1/undo' && hangs) return new Promise(() => {});
        return stepKey === 's3' ? FAILED : done();
      };
    const first = await worker(behavior(true));
    const { start } = await storeSteps(saga());
    const [runId = ''] = await start();
    await until(() => keys.length === 2);
    await first.stop(0);
    await worker(behavior(false));
    await ended([runId]);
    expect(keys).toEqual([`${runId}:s2/undo:1`, `${runId}:s1/undo:1`, `${runId}:s1/undo:1`]);
    expect((await storyOf(runId)).filter((line) => line.startsWith('step_undone'))).toEqual(['step_undone s2', 'step_undone s1']);
  });
});

test('checklist #95: an undo that must not be repeated and was cut off ends as unknown, and is not executed again', async () => {
  const keys: string[] = [];
  const behavior: Behavior = ({ stepKey, idempotencyKey }) => {
    if (stepKey.endsWith('/undo')) keys.push(idempotencyKey);
    if (stepKey === 's1/undo') return new Promise(() => {});
    return stepKey === 's3' ? FAILED : done();
  };
  const first = await worker(behavior);
  const steps = chainOf(3).map((step) => (step.id === 's3' ? step : { ...step, undo: { type: 'once' } }));
  const { start } = await storeSteps(steps);
  const [runId = ''] = await start();
  await until(() => keys.length === 2);
  await first.stop(0);
  await worker(behavior);
  await ended([runId]);
  expect(keys).toEqual([`${runId}:s2/undo:1`, `${runId}:s1/undo:1`]);
  expect((await storyOf(runId)).slice(-6)).toEqual([
    ...['run_rolling_back', 'step_undoing s2', 'step_undone s2', 'step_undoing s1', 'step_undone s1', 'run_completed'],
  ]);
  expect((await eventsOf(runId)).findLast((event) => event.type === 'step_undone')).toMatchObject({ error: { code: 'OUTCOME_UNKNOWN' } });
});

test('checklist #95: the retries of an undo end with its worker: none is left behind that would undo again', async () => {
  const tries: string[] = [];
  const behavior =
    (name: string): Behavior =>
    ({ stepKey }) => {
      if (!stepKey.endsWith('/undo')) return stepKey === 's2' ? FAILED : done();
      tries.push(name);
      return name === 'first' ? { ...FAILED, retryable: true } : done();
    };
  const first = await worker(behavior('first'));
  const { start } = await storeSteps([
    { id: 's1', undo: { type: 'work', retry: { max_attempts: 9, delay: 0.2 } } },
    { id: 's2', depends_on: ['s1'] },
  ]);
  const [runId = ''] = await start();
  await until(() => tries.length === 1);
  await first.stop(0);
  await worker(behavior('second'));
  await ended([runId]);
  // As long as the next try would have been away.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(tries.lastIndexOf('first')).toBeLessThan(tries.indexOf('second'));
  expect(tries.filter((name) => name === 'second')).toHaveLength(1);
});

test('checklist #127: whatever clients press at once, the run has one story and its row tells it', async () => {
  await worker(async ({ stepKey }) => {
    await new Promise((resolve) => setTimeout(resolve, 15));
    return stepKey === 's3' ? FAILED : done();
  });
  const { start, workspaceId } = await storeSteps([...chainOf(3), { id: 'nap', type: 'wait', config: { duration: '80ms' } }]);
  const press = fc.constantFrom('pause', 'pause', 'resume', 'resume', 'cancel', 'rollback', 'restart', 'retry', 's2');
  const plan = fc.array(fc.record({ what: press, after: fc.nat(60) }), { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(plan, async (presses) => {
      const [runId = ''] = await start();
      const place = { workspaceId, runId, catalog: testCatalog };
      const act = (what: string) => {
        if (what === 'pause') return requestPause(place);
        if (what === 'resume') return requestResume(place);
        if (what === 'cancel' || what === 'rollback') return requestCancel(place, what === 'rollback');
        if (what === 'restart' || what === 'retry') return requestReopen(place, { kind: what, fromStep: null });
        return requestReopen(place, { kind: 'resume', fromStep: what });
      };
      await Promise.all(
        presses.map(async ({ what, after }) => {
          await new Promise((resolve) => setTimeout(resolve, after));
          expect(['accepted', 'refused']).toContain((await act(what)).kind);
        }),
      );
      // Whatever it came to, it can be brought to an end.
      await until(async () => {
        if ((await statusOf(runId)) === 'paused') await requestResume(place);
        return ['completed', 'failed', 'cancelled'].includes(await statusOf(runId)) && (await rowOf(runId)).owner === null;
      });
      const events = await eventsOf(runId);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      const graph = await loadGraph(await hashOf(runId), testCatalog);
      const state = fold(graph, events);
      const row = await rowOf(runId);
      expect([state.status, state.seq]).toEqual([row.status, row.last_seq]);
      for (const [index, event] of events.entries()) {
        if (events[index - 1]?.type === 'run_completed') expect(event.type).toBe('run_reopened');
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 120_000);

async function hashOf(runId: string): Promise<string> {
  const { rows } = await pool().query<{ definition_hash: string }>('select definition_hash from run where id = $1', [uuidOf(runId)]);
  return rows[0]?.definition_hash ?? '';
}
