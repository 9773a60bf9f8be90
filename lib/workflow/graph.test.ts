import { describe, expect, test } from 'vitest';
import type { Definition, Step } from './definition.ts';
import { compileGraph, retryPolicy } from './graph.ts';
import { testCatalog } from './test-catalog.ts';
import { componentsInOrder, cyclePath, stepsBefore, upstreamOf, wouldCycle } from './upstream.ts';

function step(id: string, depends_on: Step['depends_on'] = [], more: Partial<Step> = {}): Step {
  return { id, type: 'transform', depends_on, ...more };
}
function workflow(steps: Step[], more: Partial<Definition> = {}): Definition {
  return { name: 'Test', steps, ...more };
}

describe('compileGraph', () => {
  test('edges, roots, last steps, fallbacks', () => {
    const graph = compileGraph(
      workflow([
        step('a', [], { fallback_step: 'back' }),
        step('b', ['a', { step: 'a', branch: 'error' }]),
        step('back'),
        step('c', [], { on_error: 'continue' }),
      ]),
      testCatalog,
    );
    expect(graph.roots).toEqual([0, 3]);
    expect(graph.last).toEqual([1, 3]);
    expect(graph.steps[0]).toMatchObject({
      fallback: 2,
      hasErrorEdge: true,
      outgoing: [
        { to: 1, branch: null },
        { to: 1, branch: 'error' },
      ],
    });
    expect(graph.steps[2]).toMatchObject({ fallbackFor: [0], incoming: [] });
    expect(graph.steps[3]).toMatchObject({ onError: 'continue', fallback: null });
    expect(graph.byId.get('b')).toBe(graph.steps[1]);
  });

  test('defaults', () => {
    const graph = compileGraph(
      workflow([
        step('a'),
        step('w', [], { type: 'wait' }),
        step('t', [], {
          timeout: '2m',
          enabled: false,
          priority: 3,
          queue: 'gpu',
          sensitive: 'output',
          good_until: '2027-01-01T00:00:00Z',
        }),
        step('q', ['a', 'w'], { join: 'quorum', min_success: 2, cancel_rest: true }),
        step('s', [], { type: 'script' }),
      ]),
      testCatalog,
    );
    expect(graph).toMatchObject({ onError: 'fail', timeout: null });
    expect(graph.steps[0]).toMatchObject({
      timeout: 300_000,
      queue: 'default',
      priority: 0,
      enabled: true,
      pure: true,
      join: { kind: 'all', allowFailed: false },
    });
    expect(graph.steps[1]?.timeout).toBeNull();
    expect(graph.steps[2]).toMatchObject({
      timeout: 120_000,
      enabled: false,
      priority: 3,
      queue: 'gpu',
      sensitive: true,
      goodUntil: Date.UTC(2027, 0, 1),
    });
    expect(graph.steps[3]).toMatchObject({ join: { kind: 'quorum', min: 2 }, cancelRest: true });
    expect(graph.steps[4]?.onCrash).toBe('ask');
  });

  test('a step of an unknown type asks, and a missing reference throws', () => {
    expect(compileGraph(workflow([step('a', [], { type: 'constructor' })]), testCatalog).steps[0]).toMatchObject({
      onCrash: 'ask',
      timeout: null,
    });
    expect(() => compileGraph(workflow([step('a', ['x'])]), testCatalog)).toThrow(`Step 'x' doesn't exist`);
  });

  test.each([
    [undefined, { maxAttempts: 1 }],
    [{}, { maxAttempts: 3, delay: 5000, backoff: 'exponential', maxDelay: 60_000, jitter: false }],
    [
      { backoff: 'fixed' as const, delay: 0.5, max_attempts: 2, max_delay: '2m', jitter: true },
      { maxAttempts: 2, delay: 500, backoff: 'constant', maxDelay: 120_000, jitter: true },
    ],
  ])('retry %j', (retry, policy) => {
    expect(retryPolicy(retry)).toMatchObject(policy);
  });
});

describe('upstream', () => {
  //  a → b → d      a's fallback is f
  //  └─→ c ──┘
  const diamond = workflow([step('a', [], { fallback_step: 'f' }), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c']), step('f')]);

  test('sets', () => {
    const upstream = upstreamOf(diamond);
    expect(upstream.idsOf('d')).toEqual(['a', 'b', 'c', 'f']);
    expect(upstream.idsOf('a')).toEqual([]);
    expect(upstream.idsOf('f')).toEqual(['a']);
    expect(upstream.has('b', 'c')).toBe(false);
    expect(upstream.has('nope', 'a')).toBe(false);
    expect(upstreamOf(diamond)).toBe(upstream);
  });

  test('members of a cycle are upstream of one another', () => {
    const knot = workflow([step('a', ['c']), step('b', ['a']), step('c', ['b']), step('d', ['c'])]);
    expect(upstreamOf(knot).idsOf('a')).toEqual(['a', 'b', 'c']);
    expect(upstreamOf(knot).idsOf('d')).toEqual(['a', 'b', 'c']);
  });

  test('cycles that an edge would close', () => {
    expect(cyclePath(diamond, 'd', 'a')).toEqual(['d', 'a', 'b', 'd']);
    expect(wouldCycle(diamond, 'a', 'd')).toBe(false);
    expect(wouldCycle(diamond, 'b', 'c')).toBe(false);
    expect(wouldCycle(diamond, 'b', 'b')).toBe(true);
  });

  test('10,000 steps in a row', () => {
    const chain = workflow(Array.from({ length: 10_000 }, (_, at) => step(`s${at}`, at === 0 ? [] : [`s${at - 1}`])));
    expect(componentsInOrder(stepsBefore(chain))).toHaveLength(10_000);
    expect(upstreamOf(chain).has('s9999', 's0')).toBe(true);
    expect(upstreamOf(chain).has('s0', 's9999')).toBe(false);
    expect(wouldCycle(chain, 's9999', 's0')).toBe(true);
  });
});
