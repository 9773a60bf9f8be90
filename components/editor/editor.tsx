import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useDeferredValue, useMemo } from 'react';
import { useCommands } from '#components/shell/commands.ts';
import { useCan } from '#components/shell/session.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { jsonEqual } from '#lib/base/json.ts';
import { workflowOptions } from '#lib/client/workflows.ts';
import type { Draft } from '#lib/contracts/workflows.ts';
import { GraphCanvas } from '../graph/graph-canvas.tsx';
import { BodyPath } from './body-path.tsx';
import { BottomDrawer } from './bottom-drawer.tsx';

import { problemCommands } from './commands/problems.ts';

import { useTrialCommands } from './commands/trial.ts';

import { ConflictBanner } from './conflict-banner.tsx';
import { createEditorActions } from './editor-actions.ts';
import { EditorBar } from './editor-bar.tsx';
import { useDefinition, useEditor, useEditorParts, useWorkflowDefinition } from './editor-context.ts';
import { EditorSides } from './editor-sides.tsx';
import { EmptyCanvas } from './empty-canvas.tsx';
import { FileDrop } from './file-drop.tsx';
import type { KeptEdits } from './kept-edits.ts';
import { RunDialog } from './run-dialog.tsx';
import { SaveVersionDialog } from './save-version-dialog.tsx';
import { StepPicker } from './step-picker.tsx';
import { useAutosave } from './use-autosave.ts';
import { useClipboard } from './use-clipboard.ts';
import { useEditorCommands } from './use-editor-commands.ts';
import { useIsNarrow } from './use-is-narrow.ts';
import { useLiveDraft } from './use-live-draft.ts';
import { useProblems } from './use-problems.ts';
import { TrialContext, useNewTrial } from './use-trial.ts';

const NO_PINS: ReadonlySet<string> = new Set();

/** Places the parts of the editor; each of them talks to the store. */
export function Editor({ draft, kept }: { readonly draft: Draft; readonly kept: KeptEdits | null }) {
  const parts = useEditorParts();
  const { workflowId, catalog, selection, select, show, path } = useEditor((state) => state);
  const definition = useDefinition();
  const actions = useMemo(() => createEditorActions(parts), [parts]);
  const problems = useProblems();
  const saving = useAutosave(parts.store, draft, kept);
  const live = useLiveDraft(workflowId, draft.base_version, saving);
  const mayWrite = useCan('workflows:write');
  const { data: workflow } = useQuery(workflowOptions(workflowId));
  const latest = useDeferredValue(useWorkflowDefinition());
  const version = workflow?.version ?? 0;
  const changed = version === 0 || (workflow !== undefined && !jsonEqual(latest, workflow.definition));
  const trial = useNewTrial(saving);
  useTrialCommands(trial);
  const pinned = useMemo(() => new Set(trial.pins.keys()), [trial.pins]);
  useEditorCommands(actions);
  useCommands(useMemo(() => problemCommands(parts, problems.all), [parts, problems]));
  useClipboard(parts);
  const isNarrow = useIsNarrow();
  const isEmpty = definition.steps.length === 0;
  return (
    <TrialContext value={trial}>
      <div className="flex min-h-0 flex-1 flex-col">
        <EditorBar saving={saving} live={live} changed={changed} />
        <ConflictBanner saving={saving} gone={live.gone} />
        <EditorSides actions={actions} problems={problems}>
          <FileDrop>
            <GraphCanvas
              key={path.join('/')}
              label={`Canvas of ${definition.name}`}
              steps={definition.steps}
              catalog={catalog}
              selection={selection}
              onSelectionChange={(next) => {
                select(next);
                // The inspector comes up as a sheet: what it is about stays to be seen above it.
                const [step] = next.steps;
                if (isNarrow && step !== undefined) parts.canvas.current?.reveal(step);
              }}
              problems={problems.bySteps}
              overlay={path.length === 0 ? trial.overlay : null}
              pinned={path.length === 0 ? pinned : NO_PINS}
              editing={mayWrite ? actions : null}
              onReady={(canvas) => {
                parts.canvas.current = canvas;
              }}
            />
            <BodyPath />
            {isEmpty && <EmptyCanvas />}
            <IconButton
              icon={Plus}
              variant="secondary"
              size="page"
              label="Add a step"
              className="absolute right-3 bottom-3 z-5 sm:hidden"
              onClick={() => show({ paletteOpen: true })}
            />
          </FileDrop>
          <BottomDrawer problems={problems} />
        </EditorSides>
        <StepPicker actions={actions} />
        <SaveVersionDialog problems={problems} saving={saving} />
        <RunDialog version={version} changed={changed} />
      </div>
    </TrialContext>
  );
}
