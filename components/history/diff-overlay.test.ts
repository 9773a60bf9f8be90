import { expect, it } from 'vitest';
import { edgeKey } from '#components/graph/overlay.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';
import { compareGraphs } from './diff-overlay.ts';

const before: Definition = {
  name: 'w',
  steps: [
    { id: 'a', type: 'transform', config: { expression: '1' } },
    { id: 'old', type: 'transform', config: { expression: '2' }, depends_on: ['a'] },
    { id: 'end', type: 'transform', config: { expression: '3' }, depends_on: ['old'] },
  ],
};
const after: Definition = {
  name: 'w',
  steps: [
    { id: 'a', type: 'transform', config: { expression: '10' } },
    { id: 'fresh', type: 'transform', config: { expression: 'now' }, depends_on: ['a'] },
    { id: 'end', type: 'transform', config: { expression: '3' }, depends_on: ['fresh'] },
  ],
};

it('draws removed steps and edges beside what is there now', () => {
  const { steps, overlay } = compareGraphs(after, diffDefinitions(before, after));
  expect(Object.fromEntries([...overlay.steps].map(([id, state]) => [id, state.kind]))).toEqual({
    a: 'changed',
    fresh: 'added',
    end: 'rewired',
    old: 'removed',
  });
  expect(steps.map((step) => step.id)).toEqual(['a', 'fresh', 'end', 'old']);
  expect(steps.find((step) => step.id === 'end')?.depends_on).toEqual(['fresh', 'old']);
  expect(Object.fromEntries(overlay.edges)).toEqual({
    [edgeKey('a', 'fresh', null)]: 'added',
    [edgeKey('fresh', 'end', null)]: 'added',
    [edgeKey('a', 'old', null)]: 'removed',
    [edgeKey('old', 'end', null)]: 'removed',
  });
});

it('leaves steps that did not change the same objects', () => {
  const { steps, overlay } = compareGraphs(after, diffDefinitions(after, after));
  expect(steps[1]).toBe(after.steps[1]);
  expect([...overlay.steps.values()].every((state) => state.kind === 'unchanged')).toBe(true);
});
