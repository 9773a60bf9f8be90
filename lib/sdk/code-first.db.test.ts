import { describe, expect, test } from 'vitest';
import { eventsOf, rowOf, until } from '#worker/test-runs.ts';
import { NonRetryableError, StepError, WaitTimeoutError } from './errors.ts';
import { calledSteps, codeTest, endOf, type ServedCode, serveCode } from './test-code.ts';
import { type WorkflowFunction, type WorkflowOptions, workflow } from './workflow.ts';

/** Code over HTTP: a real API, a real engine, a task worker that polls. */
const code = codeTest();

/** Serves one function, runs it once, and answers the run when it has ended. */
async function runOnce(run: WorkflowFunction<never, unknown>, options: WorkflowOptions & { input?: number } = {}) {
  const { input = 0, ...rest } = options;
  const served: ServedCode = await serveCode(code(), [workflow('code', rest, run)]);
  const runId = await code().client.startRun(served.ids.code ?? '', input);
  return { ...served, runId, run: await endOf(code(), runId) };
}

/** Ids of the steps that ended, each time that one did. */
async function endsOf(runId: string): Promise<string[]> {
  return (await eventsOf(runId)).flatMap((event) =>
    event.type === 'step_completed' || event.type === 'step_failed' ? (event.step.endsWith(':0') ? [] : [event.step]) : [],
  );
}

test('checklist #13 #260: a function becomes a workflow of one step with a default id; registering it again makes no new version', async () => {
  const order = workflow<number, number>('Order Intake', async (step, a) => step.do('double', () => a * 2));
  const { ids, worker } = await serveCode(code(), [order]);
  const run = await endOf(code(), await code().client.startRun(ids['Order Intake'] ?? '', 21));
  expect(run).toMatchObject({ status: 'completed', output: 42, version: 1, workflow_name: 'Order Intake' });
  expect(run.step_runs[0]).toMatchObject({ step_id: 'order-intake:0', type: 'code', status: 'completed' });
  await worker.stop();
  const again = await serveCode(code(), [order]);
  expect(again.ids).toEqual(ids);
  expect(await code().api.get(`/api/workflows/${ids['Order Intake']}`)).toMatchObject({ version: 1, status: 'active' });
});

test("checklist #81: a step has surface A's defaults, and they stand in its config; its own options go before them", async () => {
  const { run, runId } = await runOnce(async (step) => {
    await step.do('plain', () => 1);
    await step.do('own', { retries: { limit: 1, delay: 50 }, timeout: '5 seconds' }, () => 2);
  });
  const plain = { retries: { limit: 5, delay: '10 seconds', backoff: 'exponential' }, timeout: '10 minutes' };
  const own = { retries: { limit: 1, delay: 50, backoff: 'exponential' }, timeout: '5 seconds' };
  expect(calledSteps(run)).toMatchObject({
    'plain-1': { name: 'plain-1', call: { by: 'code:0', kind: 'do', name: 'plain', count: 1, config: plain } },
    'own-1': { call: { config: own } },
  });
  const events = await eventsOf(runId);
  expect(events.find((one) => one.type === 'step_called' && one.step === 'plain-1')).toMatchObject({
    retry: { max_attempts: 6, delay: '10000ms', backoff: 'exponential' },
    timeout_ms: 600_000,
    config: plain,
  });
  expect(events.find((one) => one.type === 'step_started' && one.step === 'own-1')).toMatchObject({ input: own });
});

describe('failures', () => {
  test('checklist #84: code catches the error of a step and goes on; the failure stays recorded', async () => {
    let caught: unknown = null;
    const { run } = await runOnce(async (step) => {
      try {
        await step.do('charge', { retries: { limit: 0 } }, () => {
          throw new RangeError('the card is empty');
        });
      } catch (error) {
        caught = error;
        return step.do('invoice', () => 'sent');
      }
      return null;
    });
    expect(caught).toBeInstanceOf(StepError);
    expect(caught).toMatchObject({ code: 'STEP_ERROR', step: 'charge-1', message: 'the card is empty' });
    expect(run).toMatchObject({ status: 'completed', output: 'sent', error: null });
    expect(calledSteps(run)).toMatchObject({
      'charge-1': {
        status: 'failed',
        error: { code: 'STEP_ERROR', message: 'the card is empty', data: { name: 'RangeError' } },
        attempts: [{ number: 1, success: false }],
      },
      'invoice-1': { status: 'completed' },
    });
  });

  test('checklist #84: an error that code does not catch is the error of the run', async () => {
    const { run, worker } = await runOnce(async (step) => {
      await step.do('charge', { retries: { limit: 0 } }, () => Promise.reject(new Error('no')));
    });
    // It serves the name that the next one is registered under.
    await worker.stop();
    expect(run).toMatchObject({ status: 'failed', error: { code: 'STEP_ERROR', message: 'no', step: 'code:0' } });
    const own = await runOnce(async () => Promise.reject(new Error('of its own')));
    expect(own.run).toMatchObject({ status: 'failed', error: { code: 'CODE_ERROR', message: 'of its own' } });
  });

  test('checklist #80 #83: attempts are retried as the step says and each is recorded; a final error is not', async () => {
    let calls = 0;
    let finals = 0;
    const { run } = await runOnce(async (step) => {
      const value = await step.do('flaky', { retries: { limit: 3, delay: 30, backoff: 'constant' } }, ({ attempt }) => {
        calls++;
        if (attempt < 3) throw new Error(`attempt ${attempt}`);
        return attempt;
      });
      const final = await step
        .do('final', { retries: { limit: 9 } }, () => {
          finals++;
          throw new NonRetryableError('never');
        })
        .catch((error: StepError) => error.message);
      return [value, final];
    });
    expect([calls, finals]).toEqual([3, 1]);
    expect(run.output).toEqual([3, 'never']);
    expect(calledSteps(run)).toMatchObject({
      'flaky-1': { status: 'completed', attempts: [{ success: false }, { success: false }, { number: 3, success: true }] },
      'final-1': { status: 'failed', attempts: [{ number: 1, success: false }] },
    });
    expect(calledSteps(run)['flaky-1']?.attempts).toHaveLength(3);
  });

  test('a step that takes too long is aborted and fails; what cannot be kept is no result', async () => {
    let aborted = false;
    const { run } = await runOnce(async (step) => {
      const slow = await step
        .do('slow', { retries: { limit: 0 }, timeout: 50 }, ({ signal }) => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
          return new Promise(() => {});
        })
        .catch((error: StepError) => error.code);
      const big = await step.do('big', () => 'x'.repeat(2 * 1024 * 1024)).catch((error: StepError) => error.code);
      const odd = await step.do('odd', () => 10n).catch((error: StepError) => error.code);
      return [slow, big, odd];
    });
    expect(run.output).toEqual(['STEP_TIMEOUT', 'OUTPUT_REFUSED', 'OUTPUT_REFUSED']);
    expect(aborted).toBe(true);
  });

  test('a step cannot be asked for from within a step, and says so', async () => {
    const { run } = await runOnce(async (step) => step.do('outer', { retries: { limit: 0 } }, () => step.do('inner', () => 1)));
    expect(run).toMatchObject({ status: 'failed', error: { message: expect.stringContaining("step 'outer-1' asked for a step 'inner'") } });
  });

  test('checklist #89: more steps than the limit fail the run', async () => {
    const { run } = await runOnce(
      async (step) => {
        for (let n = 0; n < 20; n++) await step.do('one', () => n);
      },
      { limits: { steps: 5 } },
    );
    expect(run).toMatchObject({ status: 'failed', error: { code: 'STEP_LIMIT' } });
    expect(Object.keys(calledSteps(run)).length).toBeLessThan(20);
  });
});

test('checklist #85: a name that is used again has a counter; steps, sleeps and waits count apart', async () => {
  const { client } = code();
  const seen: string[] = [];
  const { ids } = await serveCode(code(), [
    workflow('code', async (step) => {
      for (const round of [1, 2]) {
        await step.do('nap', ({ idempotencyKey }) => {
          seen.push(idempotencyKey.split(':')[1] ?? '');
          return round;
        });
        await step.sleep('nap', 5);
        await step.waitForEvent('nap', { type: `event ${round}` });
      }
      await step.do('sleep:nap', () => null);
    }),
  ]);
  const runId = await client.startRun(ids.code ?? '');
  await client.sendEvent(runId, 'event 2', 2);
  await client.sendEvent(runId, 'event 1', 1);
  const run = await endOf(code(), runId);
  expect(Object.keys(calledSteps(run))).toEqual([
    ...['nap-1', 'sleep:nap-1', 'wait:nap-1'],
    ...['nap-2', 'sleep:nap-2', 'wait:nap-2'],
    'do:sleep:nap-1',
  ]);
  expect(Object.values(calledSteps(run)).map((one) => one.name)).toEqual([
    'nap-1',
    'nap-1',
    'nap-1',
    'nap-2',
    'nap-2',
    'nap-2',
    'sleep:nap-1',
  ]);
  expect(calledSteps(run)['wait:nap-2']).toMatchObject({ output: { event_type: 'event 2', payload: 2 }, call: { kind: 'wait', count: 2 } });
  expect(seen).toEqual(['nap-1', 'nap-2']);
});

describe('parallel steps', () => {
  /** Four steps at once, of which one fails and one waits for the abort; each says how often it was executed. */
  function four(executed: Record<string, number>) {
    return (step: Parameters<WorkflowFunction<never, unknown>>[0]) =>
      ['a', 'b', 'bad', 'slow'].map((name) =>
        step.do(name, { retries: { limit: 0 } }, async ({ signal }) => {
          executed[name] = (executed[name] ?? 0) + 1;
          if (name === 'bad') throw new Error('bad');
          if (name === 'slow') await new Promise((resolve) => setTimeout(resolve, 80, signal));
          return name;
        }),
      );
  }

  /** By what the code makes of its four steps. A sleep behind it parks the code, so all of it is replayed. */
  const ways: Record<string, [(steps: Promise<string>[]) => Promise<unknown>, unknown]> = {
    all: [(steps) => Promise.all(steps.filter((_, index) => index !== 2)), ['a', 'b', 'slow']],
    any: [(steps) => Promise.any(steps.toReversed()), expect.stringMatching(/^[ab]$/)],
    race: [(steps) => Promise.race(steps).catch(() => 'bad'), expect.stringMatching(/^(a|b|bad)$/)],
    settled: [
      (steps) => Promise.allSettled(steps).then((ends) => ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason.code))),
      ['a', 'b', 'STEP_ERROR', 'slow'],
    ],
  };

  test.each(Object.keys(ways))('checklist #90: %s over steps; each is recorded once, in a replay too', async (way) => {
    const [join, expected] = ways[way] as (typeof ways)[string];
    const executed: Record<string, number> = {};
    const results: unknown[] = [];
    const { run, runId } = await runOnce(async (step) => {
      const result = await join(four(executed)(step));
      results.push(result);
      await step.sleep('pause', 1300);
      return result;
    });
    expect(run).toMatchObject({ status: 'completed', output: expected });
    expect(results.length).toBeGreaterThan(1);
    expect(new Set(results.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(executed).toEqual({ a: 1, b: 1, bad: 1, slow: 1 });
    const ends = await endsOf(runId);
    expect(ends.toSorted()).toEqual(['a-1', 'b-1', 'bad-1', 'sleep:pause-1', 'slow-1']);
    expect(calledSteps(run)['bad-1']).toMatchObject({ status: 'failed' });
  });

  test('checklist #90: what nobody waits for any more when the code returns is aborted and recorded as cancelled', async () => {
    let aborted = false;
    const { run } = await runOnce(async (step) =>
      Promise.race([
        step.do('quick', () => 'quick'),
        step.sleep('long', '1 hour'),
        step.do('endless', ({ signal }) => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
          return new Promise(() => {});
        }),
      ]),
    );
    expect(run).toMatchObject({ status: 'completed', output: 'quick' });
    expect(calledSteps(run)).toMatchObject({ 'endless-1': { status: 'cancelled' }, 'sleep:long-1': { status: 'cancelled' } });
    expect(aborted).toBe(true);
  });
});

describe('waiting', () => {
  test('checklist #86: a sleep holds no process: the code is parked, and goes on behind what had ended', async () => {
    let executed = 0;
    let begun = 0;
    const { client } = code();
    const { ids } = await serveCode(code(), [
      workflow('code', async (step) => {
        begun++;
        await step.do('before', () => ++executed);
        await step.sleep('night', 2500);
        return step.do('after', () => ++executed);
      }),
    ]);
    const runId = await client.startRun(ids.code ?? '');
    await until(async () => (await client.getRun(runId)).step_runs[0]?.status === 'waiting');
    const asleep = await client.getRun(runId);
    expect(asleep.step_runs).toMatchObject([
      { step_id: 'code:0', status: 'waiting' },
      { status: 'completed' },
      { status: 'waiting', type: 'wait' },
    ]);
    const why = await code().api.get<{ steps: { step_key: string; sentence: string }[] }>(`/api/workflows/runs/${runId}/explain`);
    expect(Object.fromEntries(why.steps.map((one) => [one.step_key, one.sentence]))).toMatchObject({
      'code:0': 'Its code waits for sleep:night-1; no process is held meanwhile.',
      'before-1': 'Ran because the code of code:0 asked for it.',
    });
    const run = await endOf(code(), runId);
    expect(run.output).toBe(2);
    expect([executed, begun]).toEqual([2, 2]);
    expect(calledSteps(run)['sleep:night-1']?.duration_seconds).toBeGreaterThanOrEqual(2.5);
  });

  test('checklist #86 #88: a moment that is past, a sleep of more than a year and a text that is no duration are errors that code may catch', async () => {
    const { run } = await runOnce(async (step) => {
      const errors = [
        await step.sleepUntil('past', Date.now() - 1000).catch((error: Error) => error.message),
        await step.sleep('long', '366 days').catch((error: Error) => error.message),
        await step.sleep('odd', 'a while').catch((error: Error) => error.message),
      ];
      await step.sleepUntil('soon', new Date(Date.now() + 20));
      return errors.map((text) => String(text).replace(/^.*Z is/, 'It is'));
    });
    expect(run.output).toEqual(['It is past', expect.stringContaining('at most 365 days'), expect.stringContaining('"a while"')]);
    expect(Object.keys(calledSteps(run))).toEqual(['sleep:soon-1']);
  });

  test('checklist #87 #99: an event wakes the code; one that does not come in time is an error that code may catch', async () => {
    const { client } = code();
    const { ids } = await serveCode(code(), [
      workflow('code', async (step) => {
        const { type, payload, timestamp } = await step.waitForEvent<{ paid: boolean }>('payment', { type: 'paid' });
        const late = await step
          .waitForEvent('late', { type: 'never', timeout: 60 })
          .catch((error: unknown) => error instanceof WaitTimeoutError);
        return [type, payload.paid, Number.isNaN(Date.parse(timestamp)), late];
      }),
    ]);
    const runId = await client.startRun(ids.code ?? '');
    await until(async () => (await rowOf(runId)).status === 'waiting' && (await rowOf(runId)).owner === null);
    await client.sendEvent(runId, 'paid', { paid: true });
    const run = await endOf(code(), runId);
    expect(run.output).toEqual(['paid', true, false, true]);
    expect(calledSteps(run)).toMatchObject({
      'wait:payment-1': { status: 'completed', call: { config: { event_type: 'paid', timeout: '24 hours' } } },
      'wait:late-1': { status: 'failed', error: { code: 'WAIT_TIMEOUT' } },
    });
  });
});
