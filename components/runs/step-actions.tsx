'use client';

import { GitFork, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import type { Run } from '#lib/contracts/runs.ts';
import type { RunStatus } from '#lib/engine/events.ts';
import { AgainDialog } from './again-dialog.tsx';
import { ForkDialog } from './fork-dialog.tsx';

/** From which a run can be resumed at a step. */
const RESUMABLE: readonly RunStatus[] = ['paused', 'failed', 'cancelled'];

/** What can be done from one step on: go on there, begin again there, or try it in a new run. */
export function StepActions({ run, status, stepId }: { readonly run: Run; readonly status: RunStatus; readonly stepId: string }) {
  const mayWrite = useCan('runs:write');
  const [asking, setAsking] = useState<'resume' | 'restart' | 'fork' | null>(null);
  if (!mayWrite || status === 'queued') return null;
  const close = () => setAsking(null);
  return (
    <div className="flex flex-wrap gap-2">
      {RESUMABLE.includes(status) ? (
        <Button onClick={() => setAsking('resume')}>
          <Play className="size-4" aria-hidden />
          Resume from here
        </Button>
      ) : (
        <Button onClick={() => setAsking('restart')}>
          <RotateCcw className="size-4" aria-hidden />
          Restart from here
        </Button>
      )}
      <Button onClick={() => setAsking('fork')}>
        <GitFork className="size-4" aria-hidden />
        Fork from here
      </Button>
      {asking === 'resume' || asking === 'restart' ? <AgainDialog run={run} kind={asking} fromStep={stepId} onClose={close} /> : null}
      {asking === 'fork' ? <ForkDialog run={run} fromStep={stepId} onClose={close} /> : null}
    </div>
  );
}
