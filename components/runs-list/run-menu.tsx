'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Copy, Ellipsis, Square, Trash2, Workflow } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useCan } from '#components/shell/session.tsx';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '#components/ui/menu.tsx';
import { toastDone, toastFailed } from '#components/ui/toast.tsx';
import { formatMoment } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { isFinished, runKeys } from '#lib/client/runs.ts';
import { cancelRun } from '#lib/contracts/run-control.ts';
import { deleteRun, type RunRow } from '#lib/contracts/runs.ts';

/** What can be done to a run from the list: a live one is cancelled, a finished one deleted. */
export function RunMenu({ run }: { run: RunRow }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const mayWrite = useCan('runs:write');
  const [asking, setAsking] = useState<'cancel' | 'delete' | null>(null);
  const what = `the run of ${run.workflow_name} from ${formatMoment(run.created_at)}`;

  async function act() {
    await request(asking === 'cancel' ? cancelRun : deleteRun, { params: { run_id: run.id } });
    await queryClient.invalidateQueries({ queryKey: runKeys.all });
  }

  async function copyId() {
    try {
      await navigator.clipboard.writeText(run.id);
      toastDone('Copied the run id');
    } catch {
      toastFailed(`The browser did not allow copying. The run id is ${run.id}.`);
    }
  }

  return (
    <>
      <Menu align="end" trigger={<IconButton icon={Ellipsis} label={`Actions for ${what}`} size="row" className="relative z-1" />}>
        <MenuItem icon={Workflow} onSelect={() => router.push(`/workflows/${run.workflow_id}`)}>
          Open workflow
        </MenuItem>
        <MenuItem icon={Copy} onSelect={copyId}>
          Copy run id
        </MenuItem>
        {mayWrite ? <MenuSeparator /> : null}
        {mayWrite && !isFinished(run.status) ? (
          <MenuItem icon={Square} onSelect={() => setAsking('cancel')}>
            Cancel run…
          </MenuItem>
        ) : null}
        {mayWrite && isFinished(run.status) ? (
          <MenuItem icon={Trash2} danger onSelect={() => setAsking('delete')}>
            Delete run…
          </MenuItem>
        ) : null}
      </Menu>
      <ConfirmDialog
        open={asking !== null}
        onOpenChange={(open) => {
          if (!open) setAsking(null);
        }}
        title={asking === 'cancel' ? 'Cancel this run?' : 'Delete this run?'}
        body={
          asking === 'cancel'
            ? `Steps of ${what} that have not started are skipped, running ones are asked to stop.`
            : `Its events, inputs and outputs go with ${what}. This can't be undone.`
        }
        action={asking === 'cancel' ? 'Cancel run' : 'Delete run'}
        onConfirm={act}
      />
    </>
  );
}
