import { ArrowDown, ArrowUp, Wrench } from 'lucide-react';
import type { EditorParts } from '#components/editor/editor-context.ts';
import { applyFix, openProblem } from '#components/editor/open-problem.ts';
import type { FoundProblem } from '#components/editor/use-problems.ts';
import type { Command } from '#components/shell/commands.ts';
import { quickFixes } from '#lib/workflow/quick-fixes.ts';

/** Walks through what validation finds, and mends it, without the mouse. */
export function problemCommands(parts: EditorParts, problems: readonly FoundProblem[]): readonly Command[] {
  let at = -1;
  const edit = { group: 'Editor', enabled: () => problems.length > 0 };
  function walk(by: number) {
    at = (at + by + problems.length) % problems.length;
    const problem = problems[at];
    if (problem !== undefined) openProblem(parts, problem);
  }
  function mend() {
    const { store } = parts;
    const { selection, history, catalog } = store.getState();
    // What is selected first; else the first that can be mended.
    const ofSelected = problems.filter(({ step }) => step !== undefined && selection.steps.has(step));
    for (const problem of [...ofSelected, ...problems]) {
      const [fix] = quickFixes(problem, history.present, catalog);
      if (fix !== undefined) return applyFix(parts, fix);
    }
  }
  return [
    { ...edit, id: 'editor.next-problem', title: 'Next problem', keys: 'f8', icon: ArrowDown, run: () => walk(1) },
    {
      ...edit,
      id: 'editor.previous-problem',
      title: 'Previous problem',
      keys: 'shift+f8',
      icon: ArrowUp,
      run: () => walk(at < 0 ? 0 : -1),
    },
    { ...edit, id: 'editor.fix-problem', title: 'Apply the first quick fix', keys: 'mod+.', icon: Wrench, words: 'mend repair', run: mend },
  ];
}
