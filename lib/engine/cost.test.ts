import { expect, test } from 'vitest';
import type { Step } from '#lib/workflow/definition.ts';
import { initialState, type RunState } from './state.ts';
import { graphOf, TestRun } from './test-run.ts';

/**
 * Cost in looks at steps, not in time: an event may cost its step's out-degree, never the size of the graph. Engine
 * targets (40,000 chained steps/s, runs of 10,000 steps) rest on it.
 */
function counted(steps: readonly (Partial<Step> & { id: string })[]): { run: TestRun; looks: () => number } {
  const graph = graphOf(steps);
  let looks = 0;
  const state = initialState(graph);
  const watched = new Proxy(state.steps, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
      return Reflect.get(target, key);
    },
  });
  const run = new TestRun(graph, () => true, Object.assign(state, { steps: watched }) as RunState).go();
  return { run, looks: () => looks };
}

const chain = (length: number) => Array.from({ length }, (_, i) => ({ id: `s${i}`, depends_on: i === 0 ? [] : [`s${i - 1}`] }));
const wide = (width: number) => [
  ...Array.from({ length: width }, (_, i) => ({ id: `s${i}` })),
  { id: 'end', depends_on: Array.from({ length: width }, (_, i) => `s${i}`) },
];

function looksPerStep(steps: readonly (Partial<Step> & { id: string })[]): number {
  const { run, looks } = counted(steps);
  for (const { id } of steps) run.complete(id);
  expect(run.state.status).toBe('completed');
  return looks() / steps.length;
}

test('a chain costs the same per step, however long it is', () => {
  const [short, long] = [looksPerStep(chain(100)), looksPerStep(chain(5000))];
  expect(long).toBeLessThanOrEqual(short + 1);
  expect(long).toBeLessThan(60);
});

test('so does a fan-in of thousands of steps that are all in flight', () => {
  const [narrow, broad] = [looksPerStep(wide(100)), looksPerStep(wide(5000))];
  expect(broad).toBeLessThanOrEqual(narrow + 1);
  expect(broad).toBeLessThan(60);
});

test('a skip that spreads through 10,000 steps is one move', () => {
  const { run, looks } = counted(chain(10_000));
  run.fail('s0');
  expect(run.state.status).toBe('failed');
  expect(looks() / 10_000).toBeLessThan(60);
});
