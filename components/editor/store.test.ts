import { describe, expect, it } from 'vitest';
import type { Definition } from '#lib/workflow/definition.ts';
import { testCatalog } from '#lib/workflow/test-catalog.ts';
import { selectStep } from '../graph/canvas-selection.ts';
import { createEditorStore, idsInUse, shownDefinition } from './store.ts';

const draft: Definition = {
  name: 'Draft',
  steps: [
    { id: 'a', type: 'http_request' },
    { id: 'b', type: 'http_request', depends_on: ['a'] },
  ],
};
const open = () => createEditorStore('wf_1', draft, testCatalog);
const present = (store: ReturnType<typeof open>) => store.getState().history.present;

describe('editor store', () => {
  it('undoes and redoes one change at a time', () => {
    const store = open();
    store.getState().dispatch({ kind: 'update_step', id: 'a', changes: { name: 'First' } }, { label: 'Name a' });
    expect(present(store).steps[0]?.name).toBe('First');
    store.getState().undo();
    expect(present(store)).toBe(draft);
    store.getState().redo();
    expect(present(store).steps[0]?.name).toBe('First');
  });

  it('makes the keystrokes of one gesture a single undo', () => {
    const store = open();
    for (const name of ['F', 'Fi', 'Fir']) {
      store.getState().dispatch({ kind: 'update_step', id: 'a', changes: { name } }, { label: 'Name a', mergeKey: 'a/name' });
    }
    store.getState().endGesture();
    store.getState().dispatch({ kind: 'update_step', id: 'a', changes: { name: 'First' } }, { label: 'Name a', mergeKey: 'a/name' });
    store.getState().undo();
    expect(present(store).steps[0]?.name).toBe('Fir');
    store.getState().undo();
    expect(present(store)).toBe(draft);
  });

  it('gives back why an edit is refused, and changes nothing', () => {
    const store = open();
    const problems = store.getState().dispatch({ kind: 'connect', edge: { from: 'b', to: 'a', branch: null } }, { label: 'Connect' });
    expect(problems[0]?.message).toContain('cycle');
    expect(present(store)).toBe(draft);
  });

  it('keeps selection out of the history and drops what is gone from it', () => {
    const store = open();
    store.getState().select({ steps: new Set(['b']), edges: new Set(['a>b>']) });
    expect(store.getState().history.past).toHaveLength(0);
    store.getState().dispatch({ kind: 'remove_steps', ids: ['b'] }, { label: 'Delete b' });
    expect(store.getState().selection).toEqual({ steps: new Set(), edges: new Set() });
  });

  it('follows a renamed step with the selection', () => {
    const store = open();
    store.getState().select(selectStep('a'));
    store.getState().dispatch({ kind: 'rename_step', id: 'a', to: 'first' }, { label: 'Rename a' });
    expect([...store.getState().selection.steps]).toEqual(['first']);
    expect(present(store).steps[1]?.depends_on).toEqual(['first']);
  });
});

describe('a loop that is open', () => {
  const inner = { id: 'x', type: 'transform', config: {} };
  const draft = { name: 'w', steps: [{ id: 'l', type: 'loop', config: { items: '[1]', steps: [inner] } }] };
  const shown = (store: ReturnType<typeof createEditorStore>) => shownDefinition(store.getState()).steps.map(({ id }) => id);

  it('takes the edits, and gives the whole workflow its own', () => {
    const store = createEditorStore('wf_1', draft, testCatalog);
    store.getState().enter(['l']);
    expect(shown(store)).toEqual(['x']);
    expect(store.getState().dispatch({ kind: 'add_step', step: { id: 'y', type: 'transform' } }, { label: 'Add' })).toEqual([]);
    store.getState().dispatch({ kind: 'update_workflow', changes: { name: 'other' } }, { label: 'Name' });
    expect(shown(store)).toEqual(['x', 'y']);
    const { present } = store.getState().history;
    expect([present.name, present.steps[0]?.config?.steps]).toMatchObject(['other', [{ id: 'x' }, { id: 'y' }]]);
    expect([...idsInUse(store.getState())]).toEqual(['l', 'x', 'y']);
  });

  it('closes when it goes away', () => {
    const store = createEditorStore('wf_1', { ...draft, steps: [] }, testCatalog);
    store.getState().dispatch({ kind: 'add_step', step: draft.steps[0] as never }, { label: 'Add' });
    store.getState().enter(['l']);
    store.getState().undo();
    expect([store.getState().path, shown(store)]).toEqual([[], []]);
  });
});
