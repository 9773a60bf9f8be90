import { describe, expect, it } from 'vitest';
import type { Definition } from '#lib/workflow/definition.ts';
import { testCatalog } from '#lib/workflow/test-catalog.ts';
import { selectStep } from '../graph/canvas-selection.ts';
import { createEditorStore } from './store.ts';

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
