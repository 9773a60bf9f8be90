import { CircleAlert, TriangleAlert, X } from 'lucide-react';
import { IconButton } from '#components/ui/icon-button.tsx';
import { TabPanel, Tabs } from '#components/ui/tabs.tsx';
import { selectStep } from '../graph/canvas-selection.ts';
import { DefinitionJson } from './definition-json.tsx';
import { useEditor, useEditorParts } from './editor-context.ts';
import type { FoundProblem, Problems } from './use-problems.ts';

interface BottomDrawerProps {
  readonly problems: Problems;
}

/** Below the canvas: what the validator finds, and the definition as JSON. Closed, it is one line that counts. */
export function BottomDrawer({ problems }: BottomDrawerProps) {
  const { drawer, show } = useEditor((state) => state);
  if (drawer === null) return <DrawerBar problems={problems} />;
  return (
    <section aria-label="Drawer" className="flex h-60 shrink-0 flex-col border-line-1 border-t bg-bg-1">
      <Tabs
        className="flex-1"
        label="Drawer"
        value={drawer}
        onValueChange={(tab) => show({ drawer: tab })}
        items={[
          { value: 'problems', label: 'Problems', count: problems.all.length },
          { value: 'json', label: 'JSON' },
        ]}
        extra={<IconButton icon={X} label="Close" onClick={() => show({ drawer: null })} />}
      >
        <TabPanel value="problems" className="overflow-y-auto">
          <ProblemList problems={problems.all} />
        </TabPanel>
        <TabPanel value="json" className="overflow-y-auto p-2">
          <DefinitionJson />
        </TabPanel>
      </Tabs>
    </section>
  );
}

function DrawerBar({ problems }: BottomDrawerProps) {
  const show = useEditor((state) => state.show);
  const look = 'flex h-full items-center gap-1.5 px-2 text-small text-text-2 transition-hover hover:text-text-1 focus-inset';
  return (
    <div className="flex h-7 shrink-0 items-stretch border-line-1 border-t bg-bg-1 px-1 coarse:h-11">
      <button type="button" className={look} onClick={() => show({ drawer: 'problems' })}>
        {problems.errors > 0 && <CircleAlert className="size-3.5 text-status-failed" aria-hidden />}
        {problems.errors === 0 && problems.warnings > 0 && <TriangleAlert className="size-3.5 text-status-paused" aria-hidden />}
        {summary(problems)}
      </button>
      <button type="button" className={look} onClick={() => show({ drawer: 'json' })}>
        JSON
      </button>
    </div>
  );
}

function summary({ errors, warnings }: Problems): string {
  if (errors + warnings === 0) return 'No problems';
  const words = [errors > 0 ? counted(errors, 'error') : '', warnings > 0 ? counted(warnings, 'warning') : ''];
  return words.filter((word) => word !== '').join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Each problem leads to its step and field. */
export function ProblemList({ problems }: { readonly problems: readonly FoundProblem[] }) {
  const { store, canvas } = useEditorParts();
  if (problems.length === 0) return <p className="p-3 text-body text-text-3">No problems. This can be saved as a version.</p>;
  function open(problem: FoundProblem) {
    if (problem.step === undefined) return;
    store.getState().select(selectStep(problem.step));
    store.getState().show({ inspectorTab: problem.path.includes('/config') ? 'config' : 'rules', dialog: null });
    canvas.current?.reveal(problem.step);
    // The inspector shows the step after the next frame; the fault's own field is what the person wants to edit.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-label="Inspector"] [aria-invalid="true"]')?.focus());
  }
  return (
    <ul className="py-1">
      {problems.map((problem) => (
        <li key={`${problem.path} ${problem.code} ${problem.message}`}>
          <button
            type="button"
            onClick={() => open(problem)}
            className="flex min-h-7 w-full items-center gap-2 px-3 py-1 text-left text-body transition-hover hover:bg-hover focus-inset"
          >
            {problem.severity === 'error' ? (
              <CircleAlert className="size-4 text-status-failed" role="img" aria-label="Error" />
            ) : (
              <TriangleAlert className="size-4 text-status-paused" role="img" aria-label="Warning" />
            )}
            <span className="min-w-0 flex-1">{problem.message}</span>
            {problem.step !== undefined && <span className="shrink-0 font-mono text-code-small text-text-3">{problem.step}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
