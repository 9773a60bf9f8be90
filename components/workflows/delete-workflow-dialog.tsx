'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { plural } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { runCountOptions, runKeys } from '#lib/client/runs.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { deleteWorkflow, type WorkflowRow } from '#lib/contracts/workflows.ts';

/** Asks once, saying in numbers what goes with the workflow. */
export function DeleteWorkflowDialog({ workflow, onClose }: { workflow: WorkflowRow; onClose: () => void }) {
  const queryClient = useQueryClient();
  const { data: runs } = useQuery(runCountOptions(workflow.id));
  const lost = [
    ...(workflow.version > 0 ? [plural(workflow.version, 'version')] : []),
    runs === undefined ? 'all its runs' : plural(runs, 'run'),
  ].join(' and ');

  async function remove() {
    await request(deleteWorkflow, { params: { id: workflow.id } });
    toastDone(`Deleted ${workflow.name}`);
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: workflowKeys.all }),
      queryClient.invalidateQueries({ queryKey: runKeys.all }),
    ]);
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Delete ${workflow.name}?`}
      body={`Its ${lost} go with it. Runs that are still going are cancelled first. This can't be undone.`}
      action="Delete workflow"
      onConfirm={remove}
    />
  );
}
