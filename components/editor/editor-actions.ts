import { runCommand } from '#components/shell/commands.ts';
import { toastDone, toastInfo } from '#components/ui/toast.tsx';
import type { Position } from '#lib/workflow/definition.ts';
import type { Edit } from '#lib/workflow/edit.ts';
import type { CanvasEditing } from '../graph/canvas-editing.ts';
import { NO_SELECTION, selectStep } from '../graph/canvas-selection.ts';
import { freePlace, layoutSteps } from '../graph/layout.ts';
import { parseEdgeKey } from '../graph/overlay.ts';
import type { EditorParts } from './editor-context.ts';
import {
  addStepEdit,
  connectRefusal,
  edgeRef,
  insertEdit,
  leavesGap,
  moveEdit,
  nextPort,
  type Placement,
  pinned,
  removeEdit,
} from './from-flow.ts';
import { rememberType } from './recent-types.ts';
import { idsInUse, shownDefinition } from './store.ts';

/** Everything that can be done in the editor, for the canvas, palette, picker, commands and quick bar alike. */
export interface EditorActions extends CanvasEditing {
  readonly add: (type: string, placement: Placement) => void;
  /** Adds after the selected step, on the selected edge, or in the middle of what is seen. */
  readonly addHere: (type: string) => void;
  readonly removeSelection: (reconnect: boolean) => void;
  readonly duplicateSelection: () => void;
  readonly selectAll: () => void;
  readonly selectOnly: (step: string) => void;
}

export function createEditorActions({ store, canvas }: EditorParts): EditorActions {
  const now = () => shownDefinition(store.getState());
  const positions = (): ReadonlyMap<string, Position> => canvas.current?.positions() ?? new Map();
  const nameOf = (id: string): string => now().steps.find((step) => step.id === id)?.name ?? id;

  /** Applies an edit and says why where it was refused. */
  function apply(edit: Edit | null, label: string): boolean {
    if (edit === null) return false;
    const [refusal] = store.getState().dispatch(pinned(now(), positions(), edit), { label });
    if (refusal) toastInfo(refusal.message);
    return refusal === undefined;
  }

  function add(type: string, placement: Placement): void {
    const made = addStepEdit(now(), store.getState().catalog, type, placement, positions(), idsInUse(store.getState()));
    if (made === null || !apply(made.edit, `Add ${made.id}`)) return;
    rememberType(type);
    store.getState().select(selectStep(made.id));
    store.getState().show({ picker: null, paletteOpen: false, inspectorTab: 'config' });
    // The card is on the canvas after the next frame.
    requestAnimationFrame(() => canvas.current?.focus(made.id));
  }

  function addHere(type: string): void {
    const { selection, catalog } = store.getState();
    const [edge] = selection.edges;
    const [step, second] = selection.steps;
    const source = second === undefined ? now().steps.find(({ id }) => id === step) : undefined;
    const center = canvas.current?.center() ?? { x: 0, y: 0 };
    if (source) add(type, { kind: 'port', port: nextPort(now(), catalog, source) });
    else if (edge !== undefined && selection.edges.size === 1) add(type, { kind: 'edge', edge });
    else add(type, { kind: 'free', at: freePlace({ x: center.x - 120, y: center.y - 28 }, positions()) });
  }

  function remove(steps: ReadonlySet<string>, edges: ReadonlySet<string>, reconnect: boolean): void {
    if (steps.size + edges.size === 0) return;
    const [first] = steps;
    const what = steps.size === 1 && first !== undefined ? `“${nameOf(first)}”` : steps.size > 1 ? `${steps.size} steps` : 'the connection';
    const gap = !reconnect && leavesGap(now(), steps);
    if (!apply(removeEdit(steps, edges, reconnect), `Delete ${what}`)) return;
    store.getState().select(NO_SELECTION);
    if (steps.size === 0) return;
    if (gap) {
      toastDone(`Deleted ${what}. What stood around it is not connected.`, {
        label: 'Connect',
        run: () => {
          store.getState().undo();
          apply(removeEdit(steps, edges, true), `Delete ${what}`);
        },
      });
    } else toastDone(`Deleted ${what}.`, { label: 'Undo', run: () => store.getState().undo() });
  }

  function duplicate(ids: readonly string[]): void {
    const before = new Set(now().steps.map((step) => step.id));
    if (ids.length === 0 || !apply({ kind: 'duplicate', ids }, 'Duplicate')) return;
    const made = now().steps.flatMap((step) => (before.has(step.id) ? [] : [step.id]));
    store.getState().select({ steps: new Set(made), edges: new Set() });
  }

  return {
    refusal: (port, to) => connectRefusal(now(), port, to),
    connect: (port, to) => void apply({ kind: 'connect', edge: edgeRef(port, to) }, `Connect ${port.from} to ${to}`),
    reconnect(edge, port, to) {
      const from = parseEdgeKey(edge);
      if (from !== null) apply({ kind: 'reconnect', edge: from, to: edgeRef(port, to) }, `Reconnect ${to}`);
    },
    move: (places) => void apply(moveEdit(places), places.size === 1 ? `Move ${[...places.keys()][0]}` : `Move ${places.size} steps`),
    pickNext: (port, at) => store.getState().show({ picker: { at, target: { kind: 'port', port } } }),
    pickOnEdge: (edge, at) => store.getState().show({ picker: { at, target: { kind: 'edge', edge } } }),
    dropType: (type, at, edge) => add(type, edge === null ? { kind: 'free', at: { x: at.x - 120, y: at.y - 28 } } : { kind: 'edge', edge }),
    dropOnEdge(step, edge, places) {
      apply(insertEdit(now(), store.getState().catalog, step, edge, places), `Insert ${step}`);
    },
    openBody: (step) => store.getState().enter([...store.getState().path, step]),
    runTo(step) {
      store.getState().select(selectStep(step));
      runCommand('test.to');
    },
    duplicate: (step) => duplicate([step]),
    toggleEnabled(step) {
      const enabled = now().steps.find(({ id }) => id === step)?.enabled !== false;
      apply(
        { kind: 'update_step', id: step, changes: { enabled: enabled ? false : null } },
        enabled ? `Turn off ${step}` : `Turn on ${step}`,
      );
    },
    remove: (step) => remove(new Set([step]), new Set(), false),
    tidy() {
      apply(moveEdit(layoutSteps(now().steps, store.getState().catalog)), 'Tidy up');
      requestAnimationFrame(() => canvas.current?.fit());
    },
    add,
    addHere,
    removeSelection: (reconnect) => remove(store.getState().selection.steps, store.getState().selection.edges, reconnect),
    duplicateSelection: () => duplicate([...store.getState().selection.steps]),
    selectAll: () => store.getState().select({ steps: new Set(now().steps.map((step) => step.id)), edges: new Set() }),
    selectOnly: (step) => store.getState().select(selectStep(step)),
  };
}
