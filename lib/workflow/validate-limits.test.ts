import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { Definition } from './definition.ts';
import { testCatalog } from './test-catalog.ts';
import { errorsOf, fetch, messages, step, workflow } from './test-definitions.ts';
import { validateDefinition } from './validate.ts';

describe('never throws', { timeout: 60_000 }, () => {
  test('on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void validateDefinition(value, testCatalog)),
      { numRuns: 500 },
    );
  });

  test('on a valid definition with anything put anywhere', () => {
    const whole = workflow(
      [
        fetch,
        {
          id: 'c',
          type: 'condition',
          depends_on: ['fetch'],
          config: { cases: [{ name: 'a', when: 'input.x' }] },
          retry: { max_attempts: 2 },
        },
        step('q', ['fetch', { step: 'c', branch: 'a' }], {
          join: 'quorum',
          min_success: 1,
          args_from: { x: 'fetch' },
          context_from: ['c'],
        }),
        step('u', ['q'], {
          undo: { type: 'transform', config: {} },
          run_when: 'steps.q.output',
          fallback_step: 'f',
          position: { x: 1, y: 2 },
        }),
        step('f'),
      ],
      {
        success_policy: { cases: [{ required: ['u'] }] },
        groups: [{ id: 'g', name: 'G', steps: ['u'] }],
        input_schema: { type: 'object' },
        concurrency: { limit: 1 },
      },
    );
    const places: (string | number)[][] = [];
    (function walk(value: unknown, path: (string | number)[]): void {
      places.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const key of Object.keys(value)) walk((value as Record<string, unknown>)[key], [...path, key]);
    })(whole, []);
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('fetch', 'u', 'f', 'c', '{{', 'steps.q.output', '__proto__', 'constructor', '\0', '\ud800', -1, 1e308),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...places), odd), { minLength: 1, maxLength: 4 }), (changes) => {
        const copy = structuredClone(whole) as unknown as Record<string, unknown>;
        for (const [path, value] of changes) {
          let target: unknown = copy;
          for (const key of path.slice(0, -1))
            target = typeof target === 'object' && target !== null ? (target as Record<string, unknown>)[key] : undefined;
          const last = path.at(-1);
          if (last !== undefined && typeof target === 'object' && target !== null)
            (target as Record<string, unknown>)[last] = structuredClone(value);
        }
        const { definition, errors } = validateDefinition(copy, testCatalog);
        expect(definition === null).toBe(errors.length > 0);
      }),
      { numRuns: 1500 },
    );
  });
});

// Mostly 3 and 20 times the schema check (30 ms): what grows with the square of the steps would be thousands.
describe('10,000 steps', { timeout: 60_000 }, () => {
  const chain = (more: (at: number) => Record<string, Json>) =>
    workflow(Array.from({ length: 10_000 }, (_, at) => step(`s${at}`, at === 0 ? [] : [`s${at - 1}`], more(at))));
  const fastest = (value: unknown, work: (copy: unknown) => unknown) =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const copy = structuredClone(value);
        const start = performance.now();
        work(copy);
        return performance.now() - start;
      }),
    );
  /** Time against that of the schema check alone, measured on the same machine in the same moment. */
  const ratio = (value: unknown) =>
    fastest(value, (copy) => validateDefinition(copy, testCatalog)) / fastest(value, (copy) => Definition.safeParse(copy));

  test('a chain', () => {
    expect(errorsOf(chain(() => ({})))).toEqual([]);
    expect(ratio(chain(() => ({})))).toBeLessThan(15);
  });
  test('a chain of expressions that read far back', () => {
    const value = chain((at) => (at === 0 ? {} : { config: { expression: `steps.s${at >> 1}.output.value` } }));
    expect(errorsOf(value)).toEqual([]);
    expect(ratio(value)).toBeLessThan(100);
  });
  test('a cycle through all', () => {
    const value = chain(() => ({}));
    value.steps[0] = step('s0', ['s9999']);
    const [message] = messages(value);
    expect(message).toMatch(/^Cycle detected: s0 → s1 → .*… 9961 more ….* → s9999 → s0$/);
  });
  test('all of them wrong', () => {
    const { errors } = validateDefinition(
      chain((at) => ({ nope: at })),
      testCatalog,
    );
    expect(errors).toHaveLength(1001);
    expect(errors.at(-1)).toEqual({ path: '', code: 'too_many_problems', message: '… and 9000 more' });
  });
});
