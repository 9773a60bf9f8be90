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
    ...(runs === undefined ? ['all its runs'] : runs > 0 ? [plural(runs, 'run')] : []),
  ];
  const loss =
    lost.length === 0
      ? 'It has only its draft, no version and no run.'
      : `Its ${lost.join(' and ')} go with it. Runs that are still going are cancelled first.`;

  async function remove() {
    await request(deleteWorkflow, { params: { id: workflow.id } });
    toastDone(`Deleted ${workflow.name}`);
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: workflowKeys.lists }),
      queryClient.invalidateQueries({ queryKey: runKeys.lists }),
    ]);
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Delete ${workflow.name}?`}
      body={`${loss} This can't be undone.`}
      action="Delete workflow"
      onConfirm={remove}
    />
  );
}
