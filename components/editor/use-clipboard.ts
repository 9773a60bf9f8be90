import { useEffect } from 'react';
import { toastDone, toastInfo } from '#components/ui/toast.tsx';
import type { EditorParts } from './editor-context.ts';
import { pinned, removeEdit } from './from-flow.ts';
import { placedBelow, readPasted, STEPS_MARK } from './pasted-steps.ts';
import { shownDefinition } from './store.ts';

const PASTE_OFFSET = { x: 40, y: 40 };

/** Copy, cut and paste of steps by the system's clipboard, so that they travel between workflows and windows. */
export function useClipboard({ store, canvas }: EditorParts): void {
  useEffect(() => {
    function onCopy(event: ClipboardEvent) {
      const { selection } = store.getState();
      const copied = shownDefinition(store.getState()).steps.filter((step) => selection.steps.has(step.id));
      if (isElsewhere() || copied.length === 0 || !event.clipboardData) return;
      event.preventDefault();
      const places = canvas.current?.positions();
      const steps = copied.map((step) => ({ ...step, position: step.position ?? places?.get(step.id) ?? { x: 0, y: 0 } }));
      event.clipboardData.setData('text/plain', JSON.stringify({ [STEPS_MARK]: steps }, null, 2));
      if (event.type === 'cut') store.getState().dispatch(removeEdit(selection.steps, new Set(), false), { label: 'Cut' });
      toastDone(`${event.type === 'cut' ? 'Cut' : 'Copied'} ${steps.length === 1 ? '1 step' : `${steps.length} steps`}.`);
    }
    function onPaste(event: ClipboardEvent) {
      if (isElsewhere()) return;
      event.preventDefault();
      const pasted = readPasted(event.clipboardData?.getData('text/plain') ?? '');
      if ('refusal' in pasted) return toastInfo(pasted.refusal);
      const { isForeign } = pasted;
      const { dispatch, select, catalog } = store.getState();
      const positions = canvas.current?.positions() ?? new Map();
      const steps = isForeign ? placedBelow(pasted.steps, positions, catalog) : pasted.steps;
      const offset = isForeign ? { x: 0, y: 0 } : PASTE_OFFSET;
      const before = new Set(shownDefinition(store.getState()).steps.map((step) => step.id));
      const edit = { kind: 'paste', steps, offset } as const;
      const [refusal] = dispatch(pinned(shownDefinition(store.getState()), positions, edit), {
        label: 'Paste',
      });
      if (refusal) return toastInfo(refusal.message);
      const made = shownDefinition(store.getState()).steps.flatMap((step) => (before.has(step.id) ? [] : [step.id]));
      select({ steps: new Set(made), edges: new Set() });
      if (!isForeign) return;
      toastDone(`Pasted ${made.length === 1 ? '1 step' : `${made.length} steps`}.`);
      // They may stand below what is seen; the cards are there after the next frame.
      requestAnimationFrame(() => canvas.current?.fit());
    }
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, [store, canvas]);
}

/** Text is being edited or selected, or a dialog is open: then the clipboard is about that. */
function isElsewhere(): boolean {
  const focus = document.activeElement;
  if (focus?.closest('input, textarea, [contenteditable="true"], [role="dialog"]')) return true;
  return (window.getSelection()?.toString() ?? '') !== '';
}
