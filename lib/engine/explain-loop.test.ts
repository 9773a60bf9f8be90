import { expect, test } from 'vitest';
import { fold } from './apply.ts';
import type { NewRunEvent } from './events.ts';
import { explainKey } from './explain.ts';
import type { RunState } from './state.ts';
import { begun } from './test-explain.ts';
import { each, graphOf, runLoop } from './test-run.ts';

const body = [{ id: 'x' }, { id: 'y', depends_on: ['x'] }];

/** A loop that an answer has ended: it comes with what it read, so the shell of the tests is not asked. */
function stoppedBy(condition: 'while' | 'break_when'): { readonly state: RunState } {
  const graph = graphOf([each('l', { items: 'items', steps: [{ id: 'x' }], [condition]: 'item.n < 3' })]);
  const items = condition === 'while' ? null : [1, 2, 3];
  const answer = (iteration: number, value: boolean): NewRunEvent => {
    return { type: 'condition_evaluated', step: 'l', condition, iteration, value, read: [{ path: 'item.n', value: 3 }], at: 9 };
  };
  const ended: NewRunEvent = { type: 'step_completed', step: 'l[0].x', attempt: 1, output: null, started_at: 1, at: 1 };
  return {
    state: fold(graph, [
      { type: 'run_started', at: 1 },
      { type: 'loop_opened', step: 'l', attempt: 1, items, limit: 3, concurrency: 1, started_at: 1, at: 1 },
      ...(condition === 'while' ? [answer(0, true), ended, answer(1, false)] : [ended, answer(0, true)]),
    ]),
  };
}

const LOOPS: readonly (readonly [name: string, run: () => { readonly state: RunState }, step: string, sentence: string])[] = [
  [
    'stopped by break_when',
    () => stoppedBy('break_when'),
    'l',
    'Started with the run: it depends on nothing. 1 of 3 iterations have ended, 0 under way. It ended after iteration 0, because break_when was true: item.n < 3, where item.n was 3.',
  ],
  [
    'stopped by while',
    () => stoppedBy('while'),
    'l[1].x',
    'Iteration 1 of l never began. It ended before iteration 1, because while was false: item.n < 3, where item.n was 3.',
  ],
  [
    'its iterations',
    () => runLoop({ items: [1, 2, 3], steps: body }),
    'l',
    'Started with the run: it depends on nothing. 0 of 3 iterations have ended, 1 under way.',
  ],
  [
    'inside an iteration',
    () => runLoop({ items: [1, 2], steps: body }),
    'l[0].x',
    'Started with its iteration: it depends on nothing in it.',
  ],
  ['inside, waiting', () => runLoop({ items: [1, 2], steps: body }), 'l[0].y', 'Waits for x.'],
  [
    'a later iteration',
    () => runLoop({ items: [1, 2], steps: body }),
    'l[1].y',
    'Waits for its turn: of the iterations of l one runs at a time.',
  ],
  [
    'a later one of several places',
    () => runLoop({ items: [1, 2, 3], steps: body, concurrency: 2 }),
    'l[2].x',
    'Waits for its turn: of the iterations of l at most 2 run at the same time.',
  ],
  [
    'a loop that has not begun',
    () => begun([{ id: 'a' }, each('l', { items: [1], steps: body }, { depends_on: ['a'] })]),
    'l[0].x',
    'Waits for the loop l, which has not begun.',
  ],
  [
    'a loop that never ran',
    () => begun([{ id: 'a' }, each('l', { items: [1], steps: body }, { depends_on: ['a'] })]).fail('a'),
    'l[0].x',
    'Never began: the loop l had no iterations.',
  ],
  [
    'the first of a race',
    () => runLoop({ items: [1, 2], steps: [{ id: 'x' }], mode: 'any', concurrency: 2 }).complete('l[1].x'),
    'l',
    'Started with the run: it depends on nothing. 1 of 2 iterations have ended, 1 under way. Iteration 1 completed first, which is enough.',
  ],
  [
    'those that lost a race',
    () =>
      runLoop({ items: [1, 2], steps: body, mode: 'any', concurrency: 2 })
        .complete('l[1].x')
        .complete('l[1].y'),
    'l[0].y',
    'Skipped before it started, because iteration 1 of l completed first.',
  ],
  [
    'those beside a failure',
    () => runLoop({ items: [1, 2], steps: body, concurrency: 2 }).fail('l[1].x', 'It broke'),
    'l[0].y',
    'Skipped before it started, because iteration 1 of l failed.',
  ],
  [
    'an iteration after a failure',
    () => runLoop({ items: [1, 2], steps: [{ id: 'x' }] }).fail('l[0].x', 'It broke'),
    'l[1].x',
    'Iteration 1 of l never began. Iteration 0 failed: It broke.',
  ],
];

test.each(LOOPS)('why a step with iterations, or inside one, stands as it does: %s', (_name, run, step, sentence) => {
  expect(explainKey(run().state, step)?.sentence).toBe(sentence);
});

test('a key that no step of the run can have is no question', () => {
  const { state } = runLoop({ items: [1, 2], steps: body });
  for (const key of ['nobody', 'l[2].x', 'l[0].nobody', 'x', 'l[x].x', 'l[1].nobody', 'nobody[0].x']) {
    expect(explainKey(state, key), key).toBeNull();
  }
});
