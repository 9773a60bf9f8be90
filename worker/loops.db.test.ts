import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { done, ended, eventsOf, rowOf, storeSteps, until } from './test-runs.ts';
import { freshWorkers } from './test-workers.ts';

const worker = freshWorkers();

type LooseStep = Partial<Step> & { id: string };

function loop(id: string, config: JsonObject, steps: readonly LooseStep[], rest: Partial<Step> = {}): LooseStep {
  const body = steps.map((step) => ({ type: 'work', ...step }));
  return { id, type: 'loop', ...rest, config: { ...config, steps: body as unknown as Json } };
}

async function runOf(steps: readonly LooseStep[], input: Json = {}): Promise<string> {
  const { start } = await storeSteps(steps);
  const [run = ''] = await start(1, input);
  return run;
}

const echo = (_: unknown, config: JsonObject) => done(config.value ?? null);

describe('a loop in the worker', () => {
  it('checklist #36 #40: gives its steps item, index, each other and what is before the loop', async () => {
    await worker(echo);
    const inner: LooseStep[] = [
      { id: 'a', config: { value: '{{ item * steps.factor.output }}' } },
      { id: 'b', depends_on: ['a'], run_when: 'index >= 0', config: { value: '{{ { "index": index, "a": steps.a.output } }}' } },
    ];
    const run = await runOf(
      [
        { id: 'factor', config: { value: 10 } },
        loop('each', { items: '{{ input.numbers }}' }, inner, { depends_on: ['factor'] }),
        { id: 'sum', depends_on: ['each'], config: { value: '{{ $sum(steps.each.output.a) }}' } },
      ],
      { numbers: [1, 2, 3] },
    );
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ sum: 60 });
    const events = await eventsOf(run);
    expect(events.filter((event) => event.type === 'loop_opened')).toMatchObject([
      { step: 'each', items: [1, 2, 3], limit: 3, concurrency: 1 },
    ]);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  });

  it('in a loop within a loop, outer is the item around it', async () => {
    await worker(echo);
    const deepest: LooseStep[] = [{ id: 'x', config: { value: '{{ outer.item.name & item & outer.index }}' } }];
    const run = await runOf(
      [loop('out', { items: 'input.rows', concurrency: 2 }, [loop('in', { items: 'item.list', concurrency: 2 }, deepest)])],
      {
        rows: [
          { name: 'a', list: [1, 2] },
          { name: 'b', list: [] },
        ],
      },
    );
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ out: [['a10', 'a20'], []] });
  });

  it('while: item is the result before; break_when sees the steps of the iteration', async () => {
    await worker(echo);
    const inner: LooseStep[] = [{ id: 'n', config: { value: '{{ index = 0 ? 1 : item * 2 }}' } }];
    const run = await runOf([
      loop('grow', { while: 'index = 0 or item < 20' }, inner),
      loop('cut', { items: '[5, 6, 7, 8]', break_when: '{{ steps.same.output = 6 }}' }, [{ id: 'same', config: { value: '{{ item }}' } }]),
    ]);
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ grow: [1, 2, 4, 8, 16, 32], cut: [5, 6] });
  });

  it.each([
    ['input.word', 'The items must be a list (/config/items)'],
    ['input.nothing', 'The items have no value; they must be a list (/config/items)'],
    ['[1..10001]', 'A loop runs for at most 10,000 items, not 10001 (/config/items)'],
  ])('refuses items %s with a clear text', async (items, message) => {
    await worker(echo);
    const run = await runOf([loop('each', { items }, [{ id: 'a' }])], { word: 'abc' });
    await ended([run]);
    expect((await rowOf(run)).error).toMatchObject({ code: 'CONFIG_INVALID', message });
  });

  it('a filter with one hit is a list of one, with none an empty one', async () => {
    await worker(echo);
    const run = await runOf(
      ['= 2', '> 5'].map((test, index) =>
        loop(`l${index}`, { items: `input.list[n ${test}]` }, [{ id: 'a', config: { value: '{{ item.n }}' } }]),
      ),
      {
        list: [{ n: 1 }, { n: 2 }],
      },
    );
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ l0: [2], l1: [] });
  });

  it('runs side by side, retries within, waits within, and keeps the order of results', async () => {
    let most = 0;
    let now = 0;
    const failedOnce = new Set<string>();
    await worker(async ({ stepKey }, config) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 20 - Number(config.value)));
      now--;
      if (stepKey.startsWith('each[3]') && !failedOnce.has(stepKey)) {
        failedOnce.add(stepKey);
        return { kind: 'failed', error: { code: 'ONCE', message: 'once' }, retryable: true };
      }
      return done(config.value ?? null);
    });
    const inner: LooseStep[] = [
      { id: 'nap', type: 'wait', config: { duration: '50ms' } },
      { id: 'a', depends_on: ['nap'], retry: { max_attempts: 2, delay: 0.01 }, config: { value: '{{ item }}' } },
    ];
    const run = await runOf([loop('each', { items: '[1..12]', concurrency: 4 }, inner)]);
    await ended([run]);
    expect((await rowOf(run)).output).toEqual({ each: Array.from({ length: 12 }, (_, index) => index + 1) });
    expect(most).toBe(4);
    const failed = (await eventsOf(run)).filter((event) => event.type === 'step_retrying');
    expect(failed).toMatchObject([{ step: 'each[3].a', error: { code: 'ONCE', step: 'each[3].a' } }]);
  });

  it('stops the others at once when mode all fails, and tells the executor so', async () => {
    const stopped: string[] = [];
    await worker(
      ({ stepKey, signal }) =>
        new Promise((resolve) => {
          if (stepKey === 'each[1].a')
            setTimeout(() => resolve({ kind: 'failed', error: { code: 'BOOM', message: 'boom' }, retryable: false }), 30);
          signal.addEventListener('abort', () => {
            stopped.push(stepKey);
            resolve(done());
          });
        }),
    );
    const run = await runOf([loop('each', { items: '[1..3]', concurrency: 3 }, [{ id: 'a' }])]);
    await ended([run]);
    expect(stopped.sort()).toEqual(['each[0].a', 'each[2].a']);
    expect((await rowOf(run)).error).toMatchObject({ code: 'ITERATION_FAILED', message: 'Iteration 1 failed: boom', step: 'each' });
  });

  it('keeps large items in a blob, and reads them back after a take-over', async () => {
    const items = Array.from({ length: 40 }, (_, index) => ({ index, text: 'x'.repeat(2000) }));
    const first = await worker(({ stepKey }, config) =>
      stepKey === 'each[20].a' ? new Promise(() => undefined) : done(config.value ?? null),
    );
    const run = await runOf([loop('each', { items: 'input.items' }, [{ id: 'a', config: { value: '{{ item.index }}' } }])], { items });
    await until(async () => (await eventsOf(run)).some((event) => 'step' in event && event.step === 'each[19].a'));
    await first.stop(50);
    const again: string[] = [];
    await worker(({ stepKey }, config) => {
      again.push(stepKey);
      return done(config.value ?? null);
    });
    await ended([run]);
    expect(again).toEqual(items.slice(20).map((item) => `each[${item.index}].a`));
    expect((await rowOf(run)).output).toEqual({ each: items.map((item) => item.index) });
  });
});
