import { describe, expect, it } from 'vitest';
import type { Definition } from '#lib/workflow/definition.ts';
import { applyEdit, type Edit } from '#lib/workflow/edit.ts';
import { testCatalog } from '#lib/workflow/test-catalog.ts';
import { addStepEdit, connectRefusal, insertEdit, leavesGap, pinned, removeEdit } from './from-flow.ts';

const definition: Definition = {
  name: 'Chain',
  steps: [
    { id: 'a', type: 'http_request', config: {} },
    { id: 'b', type: 'http_request', config: {}, depends_on: ['a'] },
    { id: 'c', type: 'http_request', config: {}, depends_on: ['b'] },
  ],
};
const places = new Map([
  ['a', { x: 0, y: 0 }],
  ['b', { x: 336, y: 0 }],
  ['c', { x: 672, y: 0 }],
]);
const [anyType = ''] = Object.keys(testCatalog);

function applied(edit: Edit | null | undefined): Definition {
  if (!edit) throw new Error('no edit');
  const result = applyEdit(definition, edit, testCatalog);
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.definition;
}
const dependsOn = (made: Definition, id: string) => made.steps.find((step) => step.id === id)?.depends_on ?? [];

describe('from-flow', () => {
  it('adds a step after a port, right of its source', () => {
    const made = addStepEdit(definition, testCatalog, anyType, { kind: 'port', port: { from: 'c', branch: 'error' } }, places);
    const after = applied(made?.edit);
    expect(dependsOn(after, made?.id ?? '')).toEqual([{ step: 'c', branch: 'error' }]);
    expect(after.steps.at(-1)?.position?.x).toBe(672 + 336);
  });

  it('puts a step on an edge and moves what stands behind it', () => {
    const made = addStepEdit(definition, testCatalog, 'http_request', { kind: 'edge', edge: 'a>b>' }, places);
    const after = applied(made?.edit);
    expect(dependsOn(after, made?.id ?? '')).toEqual(['a']);
    expect(dependsOn(after, 'b')).toEqual([made?.id]);
    expect(after.steps.find((step) => step.id === 'b')?.position).toEqual({ x: 672, y: 0 });
  });

  it('refuses unknown types and says why an edge may not be drawn', () => {
    expect(addStepEdit(definition, testCatalog, 'constructor', { kind: 'free', at: { x: 0, y: 0 } }, places)).toBeNull();
    expect(connectRefusal(definition, { from: 'c', branch: null }, 'a')).toBe('would make a cycle: c → a → b → c');
    expect(connectRefusal(definition, { from: 'a', branch: null }, 'b')).toBe('is connected already');
    expect(connectRefusal(definition, { from: 'a', branch: null }, 'a')).toContain('itself');
    expect(connectRefusal(definition, { from: 'a', branch: null }, 'c')).toBeNull();
  });

  it('inserts an unconnected card that is dropped on an edge', () => {
    const withLoose: Definition = { ...definition, steps: [...definition.steps, { id: 'd', type: 'http_request' }] };
    const edit = insertEdit(withLoose, testCatalog, 'd', 'b>c>', new Map([['d', { x: 500, y: 4 }]]));
    const result = edit && applyEdit(withLoose, edit, testCatalog);
    if (!result?.ok) throw new Error('refused');
    expect(dependsOn(result.definition, 'd')).toEqual(['b']);
    expect(dependsOn(result.definition, 'c')).toEqual(['d']);
  });

  it('removes steps, with and without connecting what stood around them', () => {
    const selected = new Set(['b']);
    expect(leavesGap(definition, selected)).toBe(true);
    expect(leavesGap(definition, new Set(['c']))).toBe(false);
    expect(dependsOn(applied(removeEdit(selected, new Set(), true)), 'c')).toEqual(['a']);
    expect(dependsOn(applied(removeEdit(selected, new Set(), false)), 'c')).toEqual([]);
    expect(dependsOn(applied(removeEdit(new Set(), new Set(['b>c>']), false)), 'c')).toEqual([]);
  });

  it('writes down automatic places before the first own one', () => {
    const edit = pinned(definition, places, { kind: 'move_steps', positions: [{ id: 'c', position: { x: 800, y: 80 } }] });
    const after = applied(edit);
    expect(after.steps.map((step) => step.position)).toEqual([
      { x: 0, y: 0 },
      { x: 336, y: 0 },
      { x: 800, y: 80 },
    ]);
  });
});
