import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Textarea } from '#components/ui/input.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import type { Json } from '#lib/base/json.ts';
import { ApiError, request } from '#lib/client/request.ts';
import { versionKeys } from '#lib/client/versions.ts';
import { workflowKeys, workflowOptions } from '#lib/client/workflows.ts';
import { getDraft, updateWorkflow } from '#lib/contracts/workflows.ts';
import { suggestedSummary } from '#lib/workflow/change-summary.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';
import type { SaveState } from './autosave.ts';
import { ChangeList } from './change-list.tsx';
import { useEditor, useWorkflowDefinition } from './editor-context.ts';
import { ProblemList } from './problem-list.tsx';
import type { DraftSaving } from './use-autosave.ts';
import type { Problems } from './use-problems.ts';

interface SaveVersionDialogProps {
  readonly problems: Problems;
  readonly saving: DraftSaving;
}

/** Makes the draft the next version: what changed, what is wrong, and a summary that is suggested from the change. */
export function SaveVersionDialog({ problems, saving }: SaveVersionDialogProps) {
  const { dialog, show } = useEditor((state) => state);
  return (
    <Dialog
      size="wide"
      open={dialog === 'save'}
      onOpenChange={(open) => !open && show({ dialog: null })}
      title={problems.errors > 0 ? 'This can’t be saved as a version yet' : 'Save a version?'}
    >
      <SaveVersionForm problems={problems} saving={saving} onDone={() => show({ dialog: null })} />
    </Dialog>
  );
}

function SaveVersionForm({ problems, saving, onDone }: SaveVersionDialogProps & { readonly onDone: () => void }) {
  const { workflowId, catalog } = useEditor((state) => state);
  const definition = useWorkflowDefinition();
  const queries = useQueryClient();
  const { data: workflow } = useQuery(workflowOptions(workflowId));
  const before = workflow === undefined || workflow.version === 0 ? null : workflow.definition;
  const diff = before === null ? null : diffDefinitions(before, definition, catalog);
  const [typed, setTyped] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const nameOf = (id: string) => definition.steps.find((step) => step.id === id)?.name ?? id;
  const summary = typed ?? (diff === null ? 'First version' : suggestedSummary(diff, nameOf));

  async function save() {
    setBusy(true);
    setRefusal(null);
    try {
      if (!(await saving.flush())) throw new ApiError('conflict', NOT_SAVED[saving.stateNow()] ?? NOT_YET, 0);
      const body = {
        definition: definition as unknown as Json,
        draft_revision: saving.revision(),
        ...(summary.trim() === '' ? {} : { change_summary: summary.trim() }),
        ...(workflow ? { base_version: workflow.version } : {}),
      };
      const saved = await request(updateWorkflow, { params: { id: workflowId }, body });
      saving.adopt(await request(getDraft, { params: { id: workflowId } }));
      queries.setQueryData(workflowKeys.one(workflowId), saved);
      void queries.invalidateQueries({ queryKey: workflowKeys.lists });
      void queries.invalidateQueries({ queryKey: versionKeys.list(workflowId) });
      toastDone(`Saved version ${saved.version}.`);
      onDone();
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setRefusal(cause.details[0]?.message ?? cause.message);
      // Whatever it was refused for, what is shown here is how things are now.
      void queries.invalidateQueries({ queryKey: workflowKeys.one(workflowId) });
    } finally {
      setBusy(false);
    }
  }

  if (problems.errors > 0) {
    return (
      <>
        <ProblemList problems={problems.all} />
        <div className="flex justify-end pt-4">
          <Button onClick={onDone}>Back to the canvas</Button>
        </div>
      </>
    );
  }
  const nothing = diff?.isEmpty === true;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {nothing ? (
        <p className="text-body text-text-2">Nothing changed since version {workflow?.version}.</p>
      ) : (
        <>
          {problems.warnings > 0 && <ProblemList problems={problems.all} />}
          {diff === null ? (
            <p className="text-body text-text-2">
              {definition.steps.length === 1
                ? 'The first version, with 1 step.'
                : `The first version, with ${definition.steps.length} steps.`}
            </p>
          ) : (
            <ChangeList diff={diff} />
          )}
          <Field label="Summary" help="What changed, for the list of versions.">
            {(control) => (
              <Textarea
                {...control}
                rows={2}
                maxLength={500}
                value={summary}
                onChange={(event) => setTyped(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
                  event.preventDefault();
                  event.currentTarget.form?.requestSubmit();
                }}
              />
            )}
          </Field>
        </>
      )}
      <div className="flex items-center justify-end gap-2">
        <FormError>{refusal}</FormError>
        <Button onClick={onDone}>Cancel</Button>
        <Button variant="primary" type="submit" loading={busy} disabled={nothing || workflow === undefined}>
          Save version {(workflow?.version ?? 0) + 1}
        </Button>
      </div>
    </form>
  );
}

const NOT_YET = 'The draft is not on the server yet. Try again in a moment.';
const NOT_SAVED: Partial<Record<SaveState, string>> = {
  offline: 'The server can’t be reached. Your changes are kept in this browser; save the version when the connection is back.',
  conflict: 'You and somebody else changed the same. Choose above the canvas whose changes stand, then save the version.',
};
