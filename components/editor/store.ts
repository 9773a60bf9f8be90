import { createStore, type StoreApi } from 'zustand';
import type { Problem } from '#lib/base/problem.ts';
import { idsInside } from '#lib/workflow/check-bodies.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { applyEdit, type Edit } from '#lib/workflow/edit.ts';
import { bodyAt } from '#lib/workflow/edit-body.ts';
import { endMerge, type History, rebase, record, redo, startHistory, undo } from '#lib/workflow/history.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import type { PortRef } from '../graph/canvas-editing.ts';
import { type CanvasSelection, NO_SELECTION, selectStep } from '../graph/canvas-selection.ts';
import type { Point } from '../graph/edge-path.ts';

/** Where the step picker is open, and where the picked step goes. `at` is in screen pixels. */
export interface PickerRequest {
  readonly at: Point;
  readonly target:
    | { readonly kind: 'port'; readonly port: PortRef }
    | { readonly kind: 'edge'; readonly edge: string }
    | { readonly kind: 'free' };
}

export type InspectorTab = 'config' | 'rules' | 'test' | 'json';
type DrawerTab = 'problems' | 'json';
type EditorDialog = 'save' | 'run' | 'test' | null;

/** How a change is called in "Undo …", and the gesture it belongs to. */
interface EditMark {
  readonly label: string;
  readonly mergeKey?: string;
  /** The edit is of the whole workflow, also while a loop is open on the canvas. */
  readonly whole?: boolean;
}

/** The document with its history, and the view. What a run does is never kept here. */
export interface EditorState {
  readonly workflowId: string;
  readonly catalog: StepCatalog;
  readonly history: History;
  /** The loops that are open, from the outermost: the canvas shows the steps inside of the last. */
  readonly path: readonly string[];
  readonly selection: CanvasSelection;
  readonly picker: PickerRequest | null;
  readonly inspectorTab: InspectorTab;
  readonly drawer: DrawerTab | null;
  readonly dialog: EditorDialog;
  /** The palette as a sheet, on narrow screens. */
  readonly paletteOpen: boolean;

  /** Applies an edit. A refused one changes nothing and gives back why. */
  readonly dispatch: (edit: Edit, mark: EditMark) => readonly Problem[];
  readonly undo: () => void;
  readonly redo: () => void;
  /** Puts changes that somebody else made into the document and into every state that undo can bring back. */
  readonly rebase: (rebased: (definition: Definition) => Definition) => void;
  /** Ends a gesture: what follows is an undo of its own. */
  readonly endGesture: () => void;
  /** Opens the loop at the end of a way, or with an empty one the workflow itself. */
  readonly enter: (path: readonly string[]) => void;
  readonly select: (selection: CanvasSelection) => void;
  readonly show: (view: Partial<Pick<EditorState, 'picker' | 'inspectorTab' | 'drawer' | 'dialog' | 'paletteOpen'>>) => void;
}

export type EditorStore = StoreApi<EditorState>;

/** One store for each open editor; given to its components by `EditorContext`. */
export function createEditorStore(workflowId: string, draft: Definition, catalog: StepCatalog): EditorStore {
  return createStore<EditorState>()((set, get) => {
    const walk = (step: (history: History) => History) => {
      const history = step(get().history);
      if (history === get().history) return;
      const view = { ...get(), history };
      const path = stillOpen(view);
      set({ history, path, selection: stillThere(get().selection, shownDefinition({ ...view, path })), picker: null });
    };
    return {
      workflowId,
      catalog,
      history: startHistory(draft),
      path: [],
      selection: NO_SELECTION,
      picker: null,
      inspectorTab: 'config',
      drawer: null,
      dialog: null,
      paletteOpen: false,
      dispatch(edit, mark) {
        const { history, selection, path } = get();
        const whole = mark.whole === true || edit.kind === 'update_workflow' || path.length === 0;
        const result = applyEdit(history.present, whole ? edit : { kind: 'in_body', path, edit }, catalog);
        if (!result.ok) return result.problems;
        const next = record(history, result.definition, mark);
        if (next === history) return [];
        const followed = edit.kind === 'rename_step' && selection.steps.has(edit.id) ? selectStep(edit.to) : selection;
        const view = { ...get(), history: next };
        const open = stillOpen(view);
        set({ history: next, path: open, selection: stillThere(followed, shownDefinition({ ...view, path: open })) });
        return [];
      },
      rebase(rebased) {
        const view = { ...get(), history: rebase(get().history, rebased) };
        const path = stillOpen(view);
        set({ history: view.history, path, selection: stillThere(view.selection, shownDefinition({ ...view, path })) });
      },
      undo: () => walk(undo),
      redo: () => walk(redo),
      endGesture: () => set({ history: endMerge(get().history) }),
      enter: (path) => set({ path, selection: NO_SELECTION, picker: null, history: endMerge(get().history) }),
      select: (selection) => set({ selection, history: endMerge(get().history) }),
      show: (view) => set(view),
    };
  });
}

type View = Pick<EditorState, 'history' | 'path' | 'catalog'>;

/** The steps on the canvas: the workflow's, or those inside of the loop that is open. */
export function shownDefinition({ history, path, catalog }: View): Definition {
  return bodyAt(history.present, path, catalog) ?? history.present;
}

/** Ids of all steps, those inside of loops too: a new one must be none of them wherever it goes. */
export function idsInUse({ history, catalog }: Pick<EditorState, 'history' | 'catalog'>): ReadonlySet<string> {
  return new Set(history.present.steps.flatMap((step) => [step.id, ...idsInside(step, catalog)]));
}

/** The way as far as its loops are still there. */
function stillOpen({ history, path, catalog }: View): readonly string[] {
  if (path.length === 0) return path;
  const length = path.findIndex((_, at) => bodyAt(history.present, path.slice(0, at + 1), catalog) === null);
  return length < 0 ? path : path.slice(0, length);
}

/** The selection without steps that are gone; an edge's key is kept where both its ends are there. */
function stillThere(selection: CanvasSelection, definition: Definition): CanvasSelection {
  const ids = new Set(definition.steps.map((step) => step.id));
  const steps = [...selection.steps].filter((id) => ids.has(id));
  const edges = [...selection.edges].filter((key) =>
    key
      .split('>')
      .slice(0, 2)
      .every((id) => ids.has(id)),
  );
  return steps.length === selection.steps.size && edges.length === selection.edges.size
    ? selection
    : { steps: new Set(steps), edges: new Set(edges) };
}
