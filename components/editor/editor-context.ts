import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import type { CanvasHandle } from '../graph/canvas-handle.ts';
import type { EditorState, EditorStore } from './store.ts';

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

export function useDefinition(): Definition {
  return useEditor((state) => state.history.present);
}

/** The one selected step, or null when none or several are. */
export function useSelectedStep(): Step | null {
  return useEditor((state) => {
    const [id, second] = state.selection.steps;
    if (id === undefined || second !== undefined) return null;
    return state.history.present.steps.find((step) => step.id === id) ?? null;
  });
}
