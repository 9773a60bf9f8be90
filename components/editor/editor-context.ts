import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import type { CanvasHandle } from '../graph/canvas-handle.ts';
import { type EditorState, type EditorStore, shownDefinition } from './store.ts';

/** What the parts of one open editor share. */
export interface EditorParts {
  readonly store: EditorStore;
  /** Set once the canvas is there. */
  readonly canvas: { current: CanvasHandle | null };
}

export const EditorContext = createContext<EditorParts | null>(null);

export function useEditorParts(): EditorParts {
  const parts = useContext(EditorContext);
  if (parts === null) throw new Error('This component stands inside an editor');
  return parts;
}

/** Reads from the editor's store. */
export function useEditor<T>(selector: (state: EditorState) => T): T {
  return useStore(useEditorParts().store, selector);
}

/** The steps on the canvas: the workflow's, or those inside of the loop that is open. */
export function useDefinition(): Definition {
  return useEditor(shownDefinition);
}

/** The whole document, whatever is open. */
export function useWorkflowDefinition(): Definition {
  return useEditor((state) => state.history.present);
}

/** The one selected step, or null when none or several are. */
export function useSelectedStep(): Step | null {
  return useEditor((state) => {
    const [id, second] = state.selection.steps;
    if (id === undefined || second !== undefined) return null;
    return shownDefinition(state).steps.find((step) => step.id === id) ?? null;
  });
}
