import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Definition, Step } from './definition.ts';
import { diffDefinitions } from './diff.ts';
import { testCatalog } from './test-catalog.ts';

const fetch: Step = { id: 'fetch', type: 'http_request', config: { method: 'GET', url: 'https://a.example' } };
const notify: Step = { id: 'notify', type: 'transform', depends_on: ['fetch'], config: { expression: 'steps.fetch.output' } };
const last: Step = { id: 'last', type: 'transform', depends_on: ['notify'] };
function workflow(steps: Step[], more: Partial<Definition> = {}): Definition {
  return { name: 'Test', steps, ...more };
}
function diff(before: Definition, after: Definition) {
  return diffDefinitions(before, after, testCatalog);
}

describe('checklist #152: summary', () => {
  const base = workflow([fetch, notify]);
  const faster = { ...fetch, config: { ...fetch.config, url: 'https://b.example' } };
  test.each<[string, Definition, Definition, string]>([
    ['equal', base, structuredClone(base), 'No changes'],
    ['a step added, one changed', base, workflow([faster, notify, last]), 'Added 1 step, modified 1 step'],
    ['a step removed', workflow([fetch, notify, last]), base, 'Removed 1 step'],
    ['two removed', workflow([fetch, notify, last]), workflow([fetch]), 'Removed 2 steps'],
    ['moved only', base, workflow([{ ...fetch, position: { x: 1, y: 2 } }, notify]), 'Layout only'],
    ['a note only', base, workflow([fetch, notify], { notes: [{ id: 'n', text: 'x', position: { x: 0, y: 0 } }] }), 'Layout only'],
    ['the name of the workflow', base, { ...base, name: 'Other' }, 'Changed workflow settings'],
    ['another order', workflow([fetch, { ...last, depends_on: [] }]), workflow([{ ...last, depends_on: [] }, fetch]), 'Reordered steps'],
    [
      'a rename',
      base,
      workflow([
        { ...fetch, id: 'get' },
        { ...notify, depends_on: ['get'], config: { expression: 'steps.get.output' } },
      ]),
      'Renamed 1 step',
    ],
    [
      'an edge',
      workflow([fetch, notify, last]),
      workflow([fetch, notify, { ...last, depends_on: ['notify', 'fetch'] }]),
      'Modified 1 step',
    ],
    ['an empty list for none', workflow([fetch]), workflow([{ ...fetch, depends_on: [] }]), 'Modified 1 step'],
  ])('%s', (_, before, after, summary) => {
    expect(diff(before, after).summary).toBe(summary);
  });
});

describe('what changed', () => {
  test('a field, with both values, its place and words for it', () => {
    const after = workflow([{ ...fetch, config: { method: 'GET', url: 'https://b.example', headers: { a: 'b' } }, run_when: 'true' }]);
    expect(diff(workflow([fetch]), after).changed).toEqual([
      {
        id: 'fetch',
        renamedFrom: null,
        fields: [
          { path: '/config/url', label: 'Config › url', kind: 'changed', before: 'https://a.example', after: 'https://b.example' },
          { path: '/config/headers', label: 'Config › headers', kind: 'added', after: { a: 'b' } },
          { path: '/run_when', label: 'Run when', kind: 'added', after: 'true' },
        ],
        edgesAdded: [],
        edgesRemoved: [],
      },
    ]);
  });

  test('an edge that goes elsewhere', () => {
    const found = diff(
      workflow([fetch, notify, last]),
      workflow([fetch, notify, { ...last, depends_on: [{ step: 'notify', branch: 'error' }] }]),
    );
    expect(found.changed).toMatchObject([{ id: 'last', fields: [] }]);
    expect(found.edgesAdded).toEqual([{ from: 'notify', to: 'last', branch: 'error' }]);
    expect(found.edgesRemoved).toEqual([{ from: 'notify', to: 'last', branch: null }]);
  });

  test('a chain of renamed steps, found one after the other', () => {
    const after = workflow([
      { ...fetch, id: 'f' },
      { ...notify, id: 'n', depends_on: ['f'], config: { expression: 'steps.f.output' } },
      { ...last, id: 'l', depends_on: ['n'] },
    ]);
    const found = diff(workflow([fetch, notify, last]), after);
    expect(found).toMatchObject({
      added: [],
      removed: [],
      changed: [],
      edgesAdded: [],
      edgesRemoved: [],
      brokenReferences: [],
      summary: 'Renamed 3 steps',
    });
    expect(found.renamed).toEqual([
      { from: 'fetch', to: 'f' },
      { from: 'notify', to: 'n' },
      { from: 'last', to: 'l' },
    ]);
    expect(found.counts).toEqual({ added: 0, changed: 3, removed: 0 });
  });

  test('layout stands apart', () => {
    const found = diff(
      workflow([fetch, notify]),
      workflow([{ ...fetch, position: { x: 1, y: 1 }, name: 'F' }, notify], { groups: [{ id: 'g', name: 'G', steps: ['fetch'] }] }),
    );
    expect(found.layout.moved).toEqual(['fetch']);
    expect(found.layout.fields).toMatchObject([{ path: '/groups', kind: 'added' }]);
    expect(found.changed[0]?.fields.map((field) => field.path)).toEqual(['/name']);
    expect(found.layoutOnly).toBe(false);
  });

  test('references that a removal breaks', () => {
    const found = diff(workflow([fetch, notify]), workflow([{ ...notify, depends_on: [] }], { output: 'fetch' }));
    expect(found.brokenReferences).toEqual([
      { step: 'notify', path: '/steps/0/config/expression', missing: 'fetch', message: `Step 'notify' still uses 'fetch', which is gone` },
      { step: null, path: '/output', missing: 'fetch', message: `The workflow still uses 'fetch', which is gone` },
    ]);
  });

  test('the other direction mirrors it', () => {
    const [before, after] = [workflow([fetch, notify]), workflow([fetch, { ...notify, name: 'N' }, last])];
    const [there, back] = [diff(before, after), diff(after, before)];
    expect(there.added).toEqual(back.removed);
    expect(there.edgesAdded).toEqual(back.edgesRemoved);
    expect(back.summary).toBe('Removed 1 step, modified 1 step');
  });
});

test('diff of equals is empty, and of anything else is not', () => {
  const step = (id: string) =>
    fc.record<Step>(
      {
        id: fc.constant(id),
        type: fc.constantFrom('transform', 'script'),
        config: fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<never>),
        depends_on: fc.subarray(['a', 'b']),
        name: fc.constantFrom('x', 'y'),
        position: fc.record({ x: fc.nat(2), y: fc.nat(2) }),
      },
      { requiredKeys: ['id', 'type'] },
    );
  const definition = fc
    .tuple(step('a'), step('b'), step('c'), step('d'), fc.subarray([0, 1, 2, 3]))
    .map(([a, b, c, d, kept]) => workflow(kept.map((at) => [a, b, c, d][at] as Step)));
  fc.assert(
    fc.property(definition, definition, (before, after) => {
      expect(diff(before, structuredClone(before))).toMatchObject({
        isEmpty: true,
        summary: 'No changes',
        added: [],
        removed: [],
        changed: [],
        renamed: [],
        workflow: [],
        edgesAdded: [],
        edgesRemoved: [],
      });
      const found = diff(before, after);
      const nothing = [
        found.added,
        found.removed,
        found.changed,
        found.renamed,
        found.workflow,
        found.layout.moved,
        found.layout.fields,
      ].every((list) => list.length === 0);
      expect(nothing && !found.reordered).toBe(found.isEmpty);
    }),
    { numRuns: 500 },
  );
});
