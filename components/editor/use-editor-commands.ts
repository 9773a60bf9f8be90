import { Copy, CornerLeftUp, Maximize, PencilRuler, Play, Plus, Redo2, Save, Search, Trash2, Undo2, WandSparkles } from 'lucide-react';
import { useMemo } from 'react';
import { type Command, useCommands } from '#components/shell/commands.ts';
import { historyLabels } from '#lib/workflow/history.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { NO_SELECTION } from '../graph/canvas-selection.ts';
import type { EditorActions } from './editor-actions.ts';
import { useEditorParts } from './editor-context.ts';
import { PALETTE_SEARCH_ID } from './palette.tsx';
import { shownDefinition } from './store.ts';

/** The editor's rows of the one command table. */
export function useEditorCommands(actions: EditorActions): void {
  const { store, canvas } = useEditorParts();
  const commands = useMemo((): readonly Command[] => {
    const state = () => store.getState();
    const hasSelection = () => state().selection.steps.size + state().selection.edges.size > 0;
    const labels = () => historyLabels(state().history);
    const edit = { group: 'Editor' };
    const look = { group: 'Canvas' };
    return [
      {
        ...edit,
        id: 'editor.save',
        title: 'Save version',
        keys: 'mod+s',
        icon: Save,
        whileTyping: true,
        run: () => state().show({ dialog: 'save' }),
      },
      {
        ...edit,
        id: 'editor.run',
        title: 'Run',
        keys: 'mod+enter',
        icon: Play,
        whileTyping: true,
        run: () => state().show({ dialog: 'run' }),
      },
      {
        ...edit,
        id: 'editor.undo',
        title: 'Undo',
        keys: 'mod+z',
        icon: Undo2,
        enabled: () => labels().undo !== null,
        run: () => state().undo(),
      },
      {
        ...edit,
        id: 'editor.redo',
        title: 'Redo',
        keys: 'mod+shift+z',
        alsoKeys: ['mod+y'],
        icon: Redo2,
        enabled: () => labels().redo !== null,
        run: () => state().redo(),
      },
      { ...edit, id: 'editor.add', title: 'Add a step', keys: 'a', icon: Plus, run: () => openPicker() },
      { ...edit, id: 'editor.search', title: 'Search the palette', keys: '/', icon: Search, run: focusPalette },
      {
        ...edit,
        id: 'editor.duplicate',
        title: 'Duplicate',
        keys: 'mod+d',
        icon: Copy,
        enabled: () => state().selection.steps.size > 0,
        run: actions.duplicateSelection,
      },
      {
        ...edit,
        id: 'editor.delete',
        title: 'Delete',
        keys: 'delete',
        alsoKeys: ['backspace'],
        icon: Trash2,
        enabled: hasSelection,
        run: () => actions.removeSelection(false),
      },
      {
        ...edit,
        id: 'editor.delete-reconnect',
        title: 'Delete and connect what stood around it',
        keys: 'shift+delete',
        alsoKeys: ['shift+backspace'],
        icon: Trash2,
        enabled: hasSelection,
        run: () => actions.removeSelection(true),
      },
      {
        ...edit,
        id: 'editor.open-body',
        title: 'Edit the steps of the loop',
        keys: 'e',
        icon: PencilRuler,
        enabled: () => loopSelected() !== null,
        run: () => {
          const loop = loopSelected();
          if (loop !== null) actions.openBody(loop);
        },
      },
      {
        ...edit,
        id: 'editor.leave-body',
        title: 'Leave the loop',
        keys: 'escape',
        icon: CornerLeftUp,
        enabled: () => state().path.length > 0 && !hasSelection(),
        run: () => state().enter(state().path.slice(0, -1)),
      },
      { ...edit, id: 'editor.select-all', title: 'Select all steps', keys: 'mod+a', run: actions.selectAll },
      {
        ...edit,
        id: 'editor.deselect',
        title: 'Clear the selection',
        keys: 'escape',
        hidden: true,
        enabled: hasSelection,
        run: () => state().select(NO_SELECTION),
      },
      {
        ...edit,
        id: 'editor.problems',
        title: 'Problems',
        keys: 'p',
        run: () => state().show({ drawer: state().drawer === 'problems' ? null : 'problems' }),
      },
      {
        ...edit,
        id: 'editor.json',
        title: 'JSON of the workflow',
        keys: 'j',
        run: () => state().show({ drawer: state().drawer === 'json' ? null : 'json' }),
      },
      { ...look, id: 'canvas.fit', title: 'Fit the whole graph', keys: '1', icon: Maximize, run: () => canvas.current?.fit() },
      { ...look, id: 'canvas.tidy', title: 'Tidy up', keys: 'shift+t', icon: WandSparkles, run: actions.tidy },
    ];

    function loopSelected(): string | null {
      const [id, more] = state().selection.steps;
      const step = more === undefined ? shownDefinition(state()).steps.find((one) => one.id === id) : undefined;
      return step !== undefined && stepType(state().catalog, step.type)?.body !== undefined ? step.id : null;
    }

    function focusPalette() {
      const search = document.getElementById(PALETTE_SEARCH_ID);
      if (search?.checkVisibility()) search.focus();
      else store.getState().show({ paletteOpen: true });
    }

    function openPicker() {
      const frame = document.querySelector('.canvas')?.getBoundingClientRect();
      const at = { x: (frame?.left ?? 0) + (frame?.width ?? 0) / 2 - 160, y: (frame?.top ?? 0) + 80 };
      const [step, more] = state().selection.steps;
      const [edge] = state().selection.edges;
      const card =
        step !== undefined && more === undefined ? document.querySelector(`.react-flow__node[data-id="${CSS.escape(step)}"]`) : null;
      const box = card?.getBoundingClientRect();
      const beside = box ? { x: box.right + 16, y: box.top } : at;
      state().show({
        picker: { at: beside, target: step === undefined && edge !== undefined ? { kind: 'edge', edge } : { kind: 'free' } },
      });
    }
  }, [store, canvas, actions]);
  useCommands(commands);
}
