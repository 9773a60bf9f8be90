import { useState } from 'react';
import { toastDone } from '#components/ui/toast.tsx';
import { plural } from '#lib/client/format.ts';
import type { FileOutcome } from '../files/file-report.tsx';
import { type FileWorkflow, type NamedText, readFiles } from '../files/read-files.ts';
import { translationLines, translationSummary } from '../files/translation-lines.ts';
import { type EditorParts, useEditorParts } from './editor-context.ts';
import { pinned } from './from-flow.ts';
import { importEdit, leftOut } from './import-edit.ts';
import { idsInUse, shownDefinition } from './store.ts';

/** Takes files into the document as one edit, and keeps the report where there is something to say. */
export function useFileImport() {
  const parts = useEditorParts();
  const [outcomes, setOutcomes] = useState<readonly FileOutcome[] | null>(null);

  async function take(files: readonly NamedText[]): Promise<void> {
    if (files.length === 0) return;
    const found = await readFiles(files);
    const all = takeIn(parts, found);
    if (all.some(({ result }) => result !== 'done')) setOutcomes(all);
    else toastDone(all.length === 1 ? 'Imported the file.' : `Imported ${plural(all.length, 'workflow')}.`, undoIn(parts));
  }

  return { outcomes, take, close: () => setOutcomes(null) };
}

function takeIn({ store, canvas }: EditorParts, found: readonly FileWorkflow[]): FileOutcome[] {
  const state = store.getState();
  const shown = shownDefinition(state);
  const usable = found.flatMap(({ definition }) => definition ?? []);
  const inBody = state.path.length > 0;
  const positions = canvas.current?.positions() ?? new Map();
  const edit = importEdit(usable, { shown, inBody, positions, catalog: state.catalog, taken: idsInUse(state) });
  const becomes = !inBody && shown.steps.length === 0;
  const before = new Set(shown.steps.map(({ id }) => id));
  const [refusal] = edit === null ? [] : state.dispatch(pinned(shown, positions, edit), { label: 'Import' });
  if (edit !== null && refusal === undefined) {
    const made = shownDefinition(store.getState()).steps.flatMap(({ id }) => (before.has(id) ? [] : [id]));
    if (!becomes) state.select({ steps: new Set(made), edges: new Set() });
    // The cards are there after the next frame.
    requestAnimationFrame(() => canvas.current?.fit());
  }
  const first = usable[0];
  return found.map((one, at): FileOutcome => {
    const { file, name, definition } = one;
    const isForeign = one.report.length > 0;
    const summary = isForeign ? `. ${translationSummary(one.report)}` : '';
    const outcome = { key: `${at} ${file}`, file, problems: [...one.problems, ...translationLines(one.report)] };
    if (definition === null) return { ...outcome, result: 'refused', sentence: `“${name}” can’t be used` };
    if (refusal !== undefined) return { ...outcome, result: 'refused', sentence: refusal.message };
    const count = plural(definition.steps.length, 'step');
    if (becomes && definition === first) {
      return { ...outcome, result: isForeign ? 'partly' : 'done', sentence: `“${name}” is now this workflow: ${count}${summary}` };
    }
    const kept = leftOut(definition);
    const note = kept.length === 0 ? '' : `. Left out, because this workflow has its own: ${kept.join(', ')}`;
    return {
      ...outcome,
      result: kept.length === 0 && !isForeign ? 'done' : 'partly',
      sentence: `Added ${count} of “${name}”${note}${summary}`,
    };
  });
}

function undoIn({ store }: EditorParts) {
  return { label: 'Undo', run: () => store.getState().undo() };
}
