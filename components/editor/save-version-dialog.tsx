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
import { type DefinitionDiff, diffDefinitions } from '#lib/workflow/diff.ts';
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
  const summary = typed ?? suggestion(diff);

  async function save() {
    setBusy(true);
    setRefusal(null);
    try {
      await saving.flush();
      const body = {
        definition: definition as unknown as Json,
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
    } finally {
      setBusy(false);
    }
  }

  if (problems.errors > 0) return <ProblemList problems={problems.all} />;
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
          {diff !== null && <ChangeList diff={diff} />}
          {problems.warnings > 0 && <ProblemList problems={problems.all} />}
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

function suggestion(diff: DefinitionDiff | null): string {
  return diff === null ? 'First version' : diff.summary;
}
