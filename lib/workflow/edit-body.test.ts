import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import { isLayoutOnlyChange } from './canonical.ts';
import type { Definition, Step } from './definition.ts';
import { diffDefinitions } from './diff.ts';
import { applyEdit, type Edit } from './edit.ts';
import { bodyAt } from './edit-body.ts';
import { compileGraph } from './graph.ts';
import { applyPatch, createPatch } from './patch.ts';
import { stepOfKey } from './step-of-key.ts';
import { testCatalog } from './test-catalog.ts';

const step = (id: string, expression: string, more: Partial<Step> = {}): Step => ({
  id,
  type: 'transform',
  config: { expression },
  ...more,
});
const loop = (id: string, steps: readonly Step[], more: Record<string, Json> = {}): Step => ({
  id,
  type: 'loop',
  depends_on: ['first'],
  config: { items: 'steps.first.output', ...more, steps: steps as unknown as Json },
});
const workflow: Definition = {
  name: 'w',
  steps: [
    step('first', '1'),
    loop('l', [step('a', 'steps.first.output'), loop('m', [step('b', 'steps.a.output + steps.first.output')])], {
      output: 'a',
      break_when: 'steps.a.output > 1',
    }),
  ],
};

function edited(edit: Edit, from = workflow): Definition {
  const result = applyEdit(from, edit, testCatalog);
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.definition;
}
const inL = (edit: Edit): Edit => ({ kind: 'in_body', path: ['l'], edit });

describe('an edit inside of a loop', () => {
  test('is any edit, at any depth, and leaves the rest as it is', () => {
    const next = edited({ kind: 'in_body', path: ['l', 'm'], edit: { kind: 'add_step', step: step('c', '2', { depends_on: ['b'] }) } });
    expect(bodyAt(next, ['l', 'm'], testCatalog)?.steps.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(next.steps[0]).toBe(workflow.steps[0]);
    expect(bodyAt(next, ['l'], testCatalog)?.steps[0]).toBe(bodyAt(workflow, ['l'], testCatalog)?.steps[0]);
  });

  test('that changes nothing gives the same definition back', () => {
    expect(edited(inL({ kind: 'move_steps', positions: [] }))).toBe(workflow);
  });

  test('a renamed step is followed by what names it: inside, deeper, and in its loop', () => {
    const next = edited(inL({ kind: 'rename_step', id: 'a', to: 'z' }));
    expect(next.steps[1]?.config).toMatchObject({ output: 'z', break_when: 'steps.z.output > 1' });
    expect(bodyAt(next, ['l', 'm'], testCatalog)?.steps[0]?.config).toEqual({ expression: 'steps.z.output + steps.first.output' });
  });

  test('a renamed step outside is followed by those inside that read it', () => {
    const next = edited({ kind: 'rename_step', id: 'first', to: 'start' });
    expect(next.steps[1]).toMatchObject({ depends_on: ['start'], config: { items: 'steps.start.output' } });
    expect(bodyAt(next, ['l'], testCatalog)?.steps[0]?.config).toEqual({ expression: 'steps.start.output' });
    expect(bodyAt(next, ['l', 'm'], testCatalog)?.steps[0]?.config).toEqual({ expression: 'steps.a.output + steps.start.output' });
  });

  test('is refused where there is no body, and for notes', () => {
    const refusal = (edit: Edit) => {
      const result = applyEdit(workflow, edit, testCatalog);
      return result.ok ? null : result.problems[0]?.code;
    };
    expect(refusal({ kind: 'in_body', path: ['first'], edit: { kind: 'move_steps', positions: [] } })).toBe('no_body');
    expect(refusal({ kind: 'in_body', path: ['x'], edit: { kind: 'move_steps', positions: [] } })).toBe('unknown_step');
    expect(refusal(inL({ kind: 'add_note', note: { id: 'n', text: '', position: { x: 0, y: 0 } } }))).toBe('not_in_body');
  });
});

describe('two versions that differ inside of a loop', () => {
  const changed = edited(inL({ kind: 'set_config_field', id: 'a', path: ['expression'], value: '2' }));

  test('differ by a small patch that leads from one to the other', () => {
    const patch = createPatch(workflow as unknown as Json, changed as unknown as Json);
    expect(patch).toEqual([{ op: 'replace', path: '/steps/1/config/steps/0/config/expression', value: '2' }]);
    expect(applyPatch(workflow as unknown as Json, patch)).toEqual({ ok: true, value: changed });
  });

  test('are told apart by the steps inside, whatever their place', () => {
    expect(diffDefinitions(workflow, changed, testCatalog).changed).toMatchObject([
      { id: 'l', fields: [{ path: '/config/steps/0/config/expression', before: 'steps.first.output', after: '2' }] },
    ]);
    const added = edited(inL({ kind: 'add_step', step: step('z', '1'), index: 0 }));
    expect(diffDefinitions(workflow, added, testCatalog).changed[0]?.fields).toMatchObject([{ path: '/config/steps/0', kind: 'added' }]);
  });

  test('by positions alone are a change of layout only', () => {
    const moved = edited(inL({ kind: 'move_steps', positions: [{ id: 'a', position: { x: 5, y: 5 } }] }));
    expect(isLayoutOnlyChange(workflow, moved)).toBe(true);
    expect(isLayoutOnlyChange(workflow, changed)).toBe(false);
  });

  test('say which steps inside still use one that is gone', () => {
    const gone = edited({ kind: 'remove_steps', ids: ['first'] });
    expect(diffDefinitions(workflow, gone, testCatalog).brokenReferences.map(({ path }) => path)).toEqual([
      '/steps/0/config/steps/0/config/expression',
      '/steps/0/config/steps/1/depends_on/0',
      '/steps/0/config/steps/1/config/steps/0/config/expression',
      '/steps/0/config/steps/1/config/items',
      '/steps/0/config/items',
    ]);
  });
});

test('the graph of a body is found by the keys of its steps', () => {
  const graph = compileGraph(edited(inL({ kind: 'update_step', id: 'm', changes: { depends_on: null } })), testCatalog);
  expect(stepOfKey(graph, 'l[3].m[0].b')?.id).toBe('b');
  expect([stepOfKey(graph, 'l[3].x'), stepOfKey(graph, 'first[0].b')]).toEqual([undefined, undefined]);
});
