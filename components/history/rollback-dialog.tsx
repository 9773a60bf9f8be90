'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { versionKeys, versionOptions } from '#lib/client/versions.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { rollbackWorkflow } from '#lib/contracts/versions.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { diffDefinitions } from '#lib/workflow/diff.ts';

interface RollbackDialogProps {
  readonly workflowId: string;
  /** The version to bring back; null while the dialog is closed. */
  readonly version: number | null;
  readonly newest: number;
  readonly onClose: () => void;
}

/** Asks once, saying what going back will undo, then opens the editor on the new version. */
export function RollbackDialog({ workflowId, version, newest, onClose }: RollbackDialogProps) {
  const router = useRouter();
  const queries = useQueryClient();
  const target = useQuery({ ...versionOptions(workflowId, version ?? newest), enabled: version !== null }).data?.definition;
  const current = useQuery(versionOptions(workflowId, newest)).data?.definition;
  const effect = target && current ? diffDefinitions(current, target, stepCatalog).summary : null;

  async function rollBack() {
    if (version === null) return;
    const workflow = await request(rollbackWorkflow, { params: { id: workflowId }, body: { version } });
    await Promise.all([
      queries.invalidateQueries({ queryKey: versionKeys.list(workflowId) }),
      queries.invalidateQueries({ queryKey: workflowKeys.all }),
    ]);
    toastDone(`v${version} is back as v${workflow.version}`);
    router.push(`/workflows/${workflowId}`);
  }

  return (
    <ConfirmDialog
      open={version !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Roll back to v${version ?? ''}?`}
      body={
        <>
          It becomes v{newest + 1}, a copy of v{version ?? ''}; nothing in the history changes. Against v{newest}: {effect ?? '…'}. A draft
          that has not been saved as a version is replaced.
        </>
      }
      action={`Roll back to v${version ?? ''}`}
      danger={false}
      onConfirm={rollBack}
    />
  );
}
