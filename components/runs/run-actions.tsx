'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Ellipsis, Pause, PencilRuler, Play, RotateCcw, RotateCw } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem } from '#components/ui/menu.tsx';
import { toastFailed } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { runKeys } from '#lib/client/runs.ts';
import { pauseRun, resumeRun } from '#lib/contracts/run-control.ts';
import { type Run, startRun } from '#lib/contracts/runs.ts';
import type { RunState } from '#lib/engine/state.ts';
import { isFinal } from '#lib/engine/state.ts';
import { AgainDialog } from './again-dialog.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import { ForkDialog } from './fork-dialog.tsx';

/** What can be done with a run as it stands. */
export function RunActions({ run, state }: { readonly run: Run; readonly state: RunState }) {
  const mayWrite = useCan('runs:write');
  const [asking, setAsking] = useState<'cancel' | 'restart' | 'fork' | null>(null);
  const { status } = state;
  if (!mayWrite) return null;
  const close = () => setAsking(null);
  return (
    <>
      {status === 'running' || status === 'waiting' ? <PauseButton runId={run.id} /> : null}
      {status === 'paused' || status === 'pausing' ? <ResumeButton runId={run.id} primary={status === 'paused'} /> : null}
      {isFinal(status) ? <RunAgain run={run} /> : null}
      {isFinal(status) || status === 'rolling_back' ? null : (
        <Button onClick={() => setAsking('cancel')}>
          <Ban className="size-4" aria-hidden />
          <span className="max-sm:sr-only">Cancel run</span>
        </Button>
      )}
      <Menu align="end" trigger={<IconButton icon={Ellipsis} label="More actions" />}>
        <MenuItem icon={PencilRuler} onSelect={() => setAsking('fork')}>
          Run again with another input…
        </MenuItem>
        <MenuItem icon={RotateCcw} disabled={status === 'queued'} onSelect={() => setAsking('restart')}>
          Restart this run…
        </MenuItem>
      </Menu>
      {asking === 'cancel' ? <CancelDialog run={run} state={state} onClose={close} /> : null}
      {asking === 'restart' ? <AgainDialog run={run} kind="restart" fromStep={null} onClose={close} /> : null}
      {asking === 'fork' ? <ForkDialog run={run} fromStep={null} onClose={close} /> : null}
    </>
  );
}

function PauseButton({ runId }: { runId: string }) {
  const pause = useControl(() => request(pauseRun, { params: { run_id: runId } }));
  return (
    <Button loading={pause.isPending} onClick={() => pause.mutate()}>
      <Pause className="size-4" aria-hidden />
      <span className="max-sm:sr-only">Pause</span>
    </Button>
  );
}

function ResumeButton({ runId, primary }: { runId: string; primary: boolean }) {
  const resume = useControl(() => request(resumeRun, { params: { run_id: runId } }));
  return (
    <Button variant={primary ? 'primary' : 'secondary'} loading={resume.isPending} onClick={() => resume.mutate()}>
      <Play className="size-4" aria-hidden />
      Resume
    </Button>
  );
}

/** The page follows the run's events; only the lists have to be asked again. */
function useControl(act: () => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => queries.invalidateQueries({ queryKey: runKeys.lists }),
    onError: (thrown) => toastFailed(thrown.message),
  });
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
      <span className="max-sm:sr-only">Run again</span>
    </Button>
  );
}
