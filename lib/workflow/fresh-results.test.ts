import { expect, test } from 'vitest';
import type { Definition, Step } from './definition.ts';
import { freshSteps } from './fresh-results.ts';
import { stepFingerprint } from './step-fingerprint.ts';

const draft = (changes: Record<string, Partial<Step>> = {}): Definition => ({
  name: 'x',
  steps: [
    { id: 'a', type: 't', config: { url: 'u' } },
    { id: 'b', type: 't', depends_on: ['a'] },
    { id: 'c', type: 't', depends_on: ['b'] },
  ].map((step) => ({ ...step, ...changes[step.id] })),
});

const results = (times: Record<string, number>, definition = draft(), pinned: readonly string[] = []) =>
  new Map(
    definition.steps.flatMap((step) => {
      const endedAt = times[step.id];
      return endedAt === undefined ? [] : [[step.id, { endedAt, fingerprint: stepFingerprint(step), pinned: pinned.includes(step.id) }]];
    }),
  );
const ALL = { a: 1, b: 2, c: 3 };
const fresh = (...args: Parameters<typeof freshSteps>) => [...freshSteps(...args)];

test('results hold until their step or one before it changes; names and places change nothing', () => {
  expect(fresh(draft(), results(ALL), new Map())).toEqual(['a', 'b', 'c']);
  expect(fresh(draft({ b: { config: { n: 1 } } }), results(ALL), new Map())).toEqual(['a']);
  expect(fresh(draft({ a: { name: 'A', position: { x: 1, y: 2 } } }), results(ALL), new Map())).toEqual(['a', 'b', 'c']);
  expect(fresh(draft({ a: { config: { position: 1 } } }), results(ALL), new Map())).toEqual([]);
});

test('a result is stale once something before it ran again, was pinned or unpinned', () => {
  expect(fresh(draft(), results({ ...ALL, a: 9 }), new Map())).toEqual(['a']);
  expect(fresh(draft(), results(ALL), new Map([['a', 9]]))).toEqual(['a']);
  expect(fresh(draft(), results(ALL), new Map([['a', 0]]))).toEqual(['a', 'b', 'c']);
  expect(fresh(draft(), results(ALL, draft(), ['a']), new Map())).toEqual([]);
});

test('a draft with a cycle has no fresh results in it, and the question ends', () => {
  const cycle = draft({ a: { depends_on: ['c'] } });
  expect(fresh(cycle, results(ALL, cycle), new Map())).toEqual([]);
});

test('the order of keys does not change what a step is, everything else does', () => {
  const one = stepFingerprint({ id: 'a', type: 't', config: { x: 1, y: { p: 1, q: 2 } } });
  expect(stepFingerprint({ type: 't', id: 'a', config: { y: { q: 2, p: 1 }, x: 1 } })).toBe(one);
  expect(stepFingerprint({ id: 'a', type: 't', config: { x: 1, y: { p: 1, q: 3 } } })).not.toBe(one);
});
