'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, PencilLine, RotateCw, Unplug } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { TopBar } from '#components/shell/top-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { Chip, StatusChip } from '#components/ui/chip.tsx';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { toastFailed } from '#components/ui/toast.tsx';
import type { FollowedRun } from '#lib/client/follow-run.ts';
import { shortId } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { runKeys } from '#lib/client/runs.ts';
import { cancelRun } from '#lib/contracts/run-control.ts';
import { type Run, startRun } from '#lib/contracts/runs.ts';
import { isFinal } from '#lib/engine/state.ts';
import { Elapsed } from './elapsed.tsx';

/** Which run this is, how it stands, and what can be done with it. */
export function RunBar({ run, live }: { run: Run; live: FollowedRun }) {
  const { state, connection } = live;
  const base = `/workflows/${run.workflow_id}`;
  return (
    <TopBar
      crumbs={[
        { label: 'Runs', href: '/runs' },
        { label: run.workflow_name, href: `${base}/runs` },
      ]}
      title={<span className="font-mono text-code">{shortId(run.id)}</span>}
      chip={<Chip mono>{run.version === null ? 'draft' : `v${run.version}`}</Chip>}
      state={
        <span className="flex items-center gap-2">
          <StatusChip status={state.status} />
          <span className="min-w-14 font-mono text-code text-text-3 max-sm:hidden">
            <Elapsed from={state.startedAt} to={state.endedAt} />
          </span>
          {connection === 'lost' ? (
            <span role="status" className="flex items-center gap-1 text-small text-text-2">
              <Unplug className="size-3" aria-hidden />
              Reconnecting
            </span>
          ) : null}
        </span>
      }
      actions={
        <>
          <Button asChild variant="ghost">
            <Link href={base}>
              <PencilLine className="size-4" aria-hidden />
              <span className="max-sm:sr-only">Open editor</span>
            </Link>
          </Button>
          {isFinal(state.status) ? <RunAgain run={run} /> : <Cancel run={run} ended={state.settled} total={state.steps.length} />}
        </>
      }
    />
  );
}

/** Starts a new run of the same version with the same input and goes there. */
function RunAgain({ run }: { run: Run }) {
  const router = useRouter();
  const again = useMutation({
    mutationFn: () =>
      request(startRun, {
        params: { id: run.workflow_id },
        body: { input_data: run.input, ...(run.version === null ? { draft: true } : { version: run.version }) },
      }),
    onSuccess: ({ run_id }) => router.push(`/runs/${run_id}`),
    onError: (thrown) => toastFailed(thrown.message),
  });
  return (
    <Button variant="primary" loading={again.isPending} onClick={() => again.mutate()}>
      <RotateCw className="size-4" aria-hidden />
      Run again
    </Button>
  );
}

function Cancel({ run, ended, total }: { run: Run; ended: number; total: number }) {
  const [open, setOpen] = useState(false);
  const queries = useQueryClient();
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Ban className="size-4" aria-hidden />
        Cancel run
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Cancel this run?"
        body={`${ended} of ${total} steps have ended and keep their results. What runs now is asked to stop, what has not started is skipped.`}
        action="Cancel run"
        onConfirm={async () => {
          await request(cancelRun, { params: { run_id: run.id } });
          await queries.invalidateQueries({ queryKey: runKeys.lists });
        }}
      />
    </>
  );
}
