'use client';

import { useEffect, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText, Skeleton } from '#components/ui/skeleton.tsx';
import type { FollowedRun } from '#lib/client/follow-run.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { isFinal } from '#lib/engine/state.ts';
import { RunBar } from './run-bar.tsx';
import { RunCanvas } from './run-canvas.tsx';
import { RunDock } from './run-dock.tsx';
import { RunInspector } from './run-inspector.tsx';
import { StepInspector } from './step-inspector.tsx';
import { useRun, useTicking } from './use-run.ts';

/** One run, live: the graph with each step's state, what every step was given and made, and every event. */
export function RunPage({ runId }: { runId: string }) {
  const { run, live, error, retry } = useRun(runId);
  if (error !== null) {
    return (
      <div className="p-6">
        <EmptyState title="This run can't be shown" action={<Button onClick={retry}>Try again</Button>}>
          {error.message}
        </EmptyState>
      </div>
    );
  }
  if (run === undefined || live === null) return <RunSkeleton />;
  return <RunView key={run.id} run={run} live={live} />;
}

function RunView({ run, live }: { run: Run; live: FollowedRun }) {
  const { state, events } = live;
  const [selected, setSelected] = useState<string | null>(null);
  const now = useTicking(!isFinal(state.status));
  useFailureFirst(live, selected === null, setSelected);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <RunBar run={run} live={live} now={now} />
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col max-md:h-[45%] max-md:flex-none">
          <div className="min-h-0 flex-1">
            <RunCanvas state={state} selected={selected} onSelect={setSelected} />
          </div>
          <div className="h-70 shrink-0 border-line-1 border-t bg-bg-1 max-md:hidden">
            <RunDock events={events} selected={selected} onSelectStep={setSelected} />
          </div>
        </div>
        <aside aria-label="Inspector" className="w-100 shrink-0 overflow-y-auto border-line-1 border-l bg-bg-1 max-md:hidden">
          <Inspector run={run} live={live} now={now} selected={selected} onSelectStep={setSelected} />
        </aside>
        <div className="min-h-0 flex-1 border-line-1 border-t bg-bg-1 md:hidden">
          <RunDock events={events} selected={selected} onSelectStep={setSelected}>
            <Inspector run={run} live={live} now={now} selected={selected} onSelectStep={setSelected} />
          </RunDock>
        </div>
      </div>
    </div>
  );
}

interface InspectorProps {
  readonly run: Run;
  readonly live: FollowedRun;
  readonly now: number;
  readonly selected: string | null;
  readonly onSelectStep: (stepId: string | null) => void;
}

function Inspector({ run, live, now, selected, onSelectStep }: InspectorProps) {
  if (selected === null) return <RunInspector run={run} state={live.state} now={now} onSelectStep={onSelectStep} />;
  return <StepInspector state={live.state} stepId={selected} now={now} />;
}

/** A run that failed opens on the step that failed, once; after that the reader's own choice stands. */
function useFailureFirst(live: FollowedRun, untouched: boolean, select: (stepId: string) => void): void {
  const [done, setDone] = useState(false);
  const failed = live.state.status === 'failed' ? live.state.error?.step : undefined;
  useEffect(() => {
    if (done || failed === undefined) return;
    setDone(true);
    if (untouched) select(failed);
  }, [done, failed, untouched, select]);
}

function RunSkeleton() {
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-11 shrink-0 items-center gap-3 border-line-1 border-b bg-bg-1 px-3">
        <Skeleton className="h-4 w-48" />
        <Skeleton className="h-5 w-20" />
      </div>
      <LoadingText>Loading the run</LoadingText>
      <div className="min-h-0 flex-1 bg-bg-0" />
    </div>
  );
}
