import { Ellipsis, FlaskConical, LayoutTemplate, Play, Redo2, Save, Square, Undo2 } from 'lucide-react';
import { runCommand } from '#components/shell/commands.ts';
import { useCan } from '#components/shell/session.tsx';
import { WorkflowBar } from '#components/shell/workflow-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { EditableText } from '#components/ui/editable-text.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem } from '#components/ui/menu.tsx';
import { historyLabels } from '#lib/workflow/history.ts';
import { useEditor, useWorkflowDefinition } from './editor-context.ts';
import { SavedState } from './saved-state.tsx';
import { TestButton } from './test-button.tsx';
import type { DraftSaving } from './use-autosave.ts';
import type { LiveDraft } from './use-live-draft.ts';
import { useTrial } from './use-trial.ts';
import { WhoIsHere } from './who-is-here.tsx';

interface EditorBarProps {
  readonly saving: DraftSaving;
  readonly live: LiveDraft;
  /** The draft differs from the newest version. */
  readonly changed: boolean;
}

/** The editor's line on top. Every button is a row of the command table. */
export function EditorBar({ saving, live, changed }: EditorBarProps) {
  const { name, steps } = useWorkflowDefinition();
  const { workflowId, dispatch, history } = useEditor((state) => state);
  const mayWrite = useCan('workflows:write');
  const maySave = mayWrite && changed && steps.length > 0;
  const mayRun = useCan('runs:write') && steps.length > 0;
  const { running } = useTrial();
  const labels = historyLabels(history);
  return (
    <WorkflowBar
      workflowId={workflowId}
      title={
        <EditableText
          value={name}
          label="Workflow name"
          className="font-medium"
          disabled={!mayWrite}
          onSave={(next) => dispatch({ kind: 'update_workflow', changes: { name: next } }, { label: 'Rename the workflow' })}
        />
      }
      state={
        <>
          <SavedState saving={saving} online={live.online} />
          <WhoIsHere people={live.people} />
        </>
      }
      actions={
        <>
          <div className="flex items-center max-md:hidden">
            <IconButton
              icon={Undo2}
              label={labels.undo === null ? 'Undo' : `Undo: ${labels.undo}`}
              shortcut="mod+z"
              disabled={labels.undo === null}
              onClick={() => runCommand('editor.undo')}
            />
            <IconButton
              icon={Redo2}
              label={labels.redo === null ? 'Redo' : `Redo: ${labels.redo}`}
              shortcut="mod+shift+z"
              disabled={labels.redo === null}
              onClick={() => runCommand('editor.redo')}
            />
          </div>
          <TestButton mayRun={mayRun} />
          <Button className="max-sm:hidden" disabled={!maySave} onClick={() => runCommand('editor.save')}>
            <Save className="size-4" aria-hidden />
            Save version
          </Button>
          <Button variant="primary" disabled={!mayRun} onClick={() => runCommand('editor.run')}>
            <Play className="size-4" aria-hidden />
            Run
          </Button>
          <span className="lg:hidden">
            <Menu align="end" trigger={<IconButton icon={Ellipsis} label="More actions" />}>
              <MenuItem icon={Save} onSelect={() => runCommand('editor.save')} disabled={!maySave}>
                Save version
              </MenuItem>
              <MenuItem icon={Square} onSelect={() => runCommand('test.stop')} disabled={!running}>
                Stop the test
              </MenuItem>
              <MenuItem icon={FlaskConical} onSelect={() => runCommand('editor.test')} disabled={!mayRun}>
                Test run of the draft
              </MenuItem>
              <MenuItem icon={Undo2} onSelect={() => runCommand('editor.undo')} disabled={labels.undo === null}>
                Undo
              </MenuItem>
              <MenuItem icon={Redo2} onSelect={() => runCommand('editor.redo')} disabled={labels.redo === null}>
                Redo
              </MenuItem>
              <MenuItem icon={LayoutTemplate} onSelect={() => runCommand('canvas.tidy')}>
                Tidy up
              </MenuItem>
            </Menu>
          </span>
        </>
      }
    />
  );
}
