import { toastDone, toastInfo } from '#components/ui/toast.tsx';
import type { Problem } from '#lib/base/problem.ts';
import { placeOfProblem, type QuickFix } from '#lib/workflow/problem-place.ts';
import { selectStep } from '../graph/canvas-selection.ts';
import type { EditorParts } from './editor-context.ts';

/** Leads to the step and the field of a problem, into the loop where it is in one. */
export function openProblem({ store, canvas }: EditorParts, problem: Pick<Problem, 'path'>): void {
  const { history, catalog, path, enter } = store.getState();
  const place = placeOfProblem(problem, history.present, catalog);
  store.getState().show({ dialog: null });
  if (place === null) {
    store.getState().select({ steps: new Set(), edges: new Set() });
    return;
  }
  const entered = place.way.join('/') !== path.join('/');
  if (entered) enter(place.way);
  store.getState().select(selectStep(place.step.id));
  store.getState().show({ inspectorTab: place.path[0] === 'config' ? 'config' : 'rules' });
  // The inspector (and the canvas of a loop) shows the step after the next frames; the fault's own field is what the person wants to edit.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      canvas.current?.reveal(place.step.id);
      document.querySelector<HTMLElement>('[aria-label="Inspector"] [aria-invalid="true"]')?.focus();
    }),
  );
}

/** Mends a problem as one undo, and says so: the place that changed may not be on the screen. */
export function applyFix({ store }: EditorParts, { label, edit }: QuickFix): void {
  const [refusal] = store.getState().dispatch(edit, { label, whole: true });
  if (refusal !== undefined) toastInfo(refusal.message);
  else toastDone(`Done: ${label}.`, { label: 'Undo', run: () => store.getState().undo() });
}
