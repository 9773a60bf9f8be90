'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { CanvasHandle } from '#components/graph/canvas-handle.ts';
import { LoadError } from '#components/shell/load-error.tsx';
import { LoadingText, Skeleton } from '#components/ui/skeleton.tsx';
import type { FollowedRun } from '#lib/client/follow-run.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { turnsOfKey } from '#lib/workflow/step-key.ts';
import { RunBar } from './run-bar.tsx';
import { RunCanvas } from './run-canvas.tsx';
import { RunDock } from './run-dock.tsx';
import { RunInspector } from './run-inspector.tsx';
import { StepInspector } from './step-inspector.tsx';
import { useRun } from './use-run.ts';

/** One run, live: the graph with each step's state, what every step was given and made, and every event. */
export function RunPage({ runId }: { runId: string }) {
  const { run, live, error, retry } = useRun(runId);
  if (error !== null) {
    return (
      <div className="p-6">
        <LoadError what="this run" error={error} retry={retry} />
      </div>
    );
  }
  if (run === undefined || live === null) return <RunSkeleton />;
  return <RunView key={run.id} run={run} live={live} />;
}

function RunView({ run, live }: { run: Run; live: FollowedRun }) {
  const { state, events } = live;
  const [selected, setSelected] = useState<string | null>(null);
  const canvas = useRef<CanvasHandle>(null);
  const [beginAt] = useState(() => stepToBeginAt(run));
  /** A step that was chosen elsewhere than on the canvas is brought into view there. */
  const show = useCallback((stepId: string) => {
    setSelected(stepId);
    canvas.current?.reveal(drawnStep(stepId));
  }, []);
  useFailureFirst(live, selected === null, show);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <RunBar run={run} live={live} />
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col max-md:h-[45%] max-md:flex-none">
          <div className="min-h-0 flex-1">
            <RunCanvas
              state={state}
              selected={selected === null ? null : drawnStep(selected)}
              beginAt={beginAt}
              onSelect={setSelected}
              onReady={(handle) => {
                canvas.current = handle;
              }}
            />
          </div>
          <div className="h-70 shrink-0 border-line-1 border-t bg-bg-1 max-md:hidden">
            <RunDock events={events} selected={selected} onSelectStep={show} />
          </div>
        </div>
        <aside aria-label="Inspector" className="w-100 shrink-0 overflow-y-auto border-line-1 border-l bg-bg-1 max-md:hidden">
          <Inspector run={run} live={live} selected={selected} onSelectStep={show} />
        </aside>
        <div className="min-h-0 flex-1 border-line-1 border-t bg-bg-1 md:hidden">
          <RunDock events={events} selected={selected} onSelectStep={show}>
            <Inspector run={run} live={live} selected={selected} onSelectStep={show} />
          </RunDock>
        </div>
      </div>
    </div>
  );
}

/** What stands on the canvas for a step: itself, or the outermost loop that it is in. */
function drawnStep(key: string): string {
  return turnsOfKey(key)?.[0]?.loop ?? key;
}

interface InspectorProps {
  readonly run: Run;
  readonly live: FollowedRun;
  readonly selected: string | null;
  readonly onSelectStep: (stepId: string) => void;
}

function Inspector({ run, live, selected, onSelectStep }: InspectorProps) {
  if (selected === null) return <RunInspector run={run} state={live.state} onSelectStep={onSelectStep} />;
  return <StepInspector of={run} events={live.events} state={live.state} stepId={selected} onSelectStep={onSelectStep} />;
}

/** What a run that was opened in mid-life, or after it failed, is about: the step that failed, else one that is at work. */
function stepToBeginAt(run: Run): string | null {
  const atWork = run.step_runs.find((step) => step.status === 'running' || step.status === 'waiting');
  return run.error?.step ?? atWork?.step_id ?? null;
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
