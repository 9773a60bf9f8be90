'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { StatusChip } from '#components/ui/chip.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { shortId } from '#lib/client/format.ts';
import { formatInZone } from '#lib/client/schedules.ts';
import type { Run, RunSchedule } from '#lib/contracts/runs.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';
import { CallbackList } from './callback-list.tsx';
import { Elapsed } from './elapsed.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { OpenDecisions } from './open-decisions.tsx';
import { RunReason } from './run-reason.tsx';
import { Values } from './step-inspector.tsx';
import { undoWords } from './undo-words.ts';

interface RunInspectorProps {
  readonly run: Run;
  readonly state: RunState;
  readonly onSelectStep: (stepId: string) => void;
}

/** The run as a whole: shown while no step is selected. */
export function RunInspector({ run, state, onSelectStep }: RunInspectorProps) {
  const undone = undoWords(state);
  const settled = `${state.settled} of ${state.steps.length}`;
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="flex items-center justify-between gap-2">
        <h2 className="text-heading">This run</h2>
        <StatusChip status={state.status} />
      </div>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(5.5rem,1fr))] gap-x-4 gap-y-2">
        <Fact label={state.endedAt === null ? 'So far' : 'Took'} value={<Elapsed from={state.startedAt} to={state.endedAt} />} />
        <Fact label="Steps ended" value={settled} />
        <Fact label="Trigger" value={run.trigger} />
        <div>
          <dt className="text-micro text-text-3">Queued</dt>
          <dd className="text-small">
            <RelativeTime iso={run.created_at} />
          </dd>
        </div>
      </dl>
      <RunReason runId={run.id} state={state} />
      {run.schedule === null ? null : <FromSchedule schedule={run.schedule} workflowId={run.workflow_id} />}
      {run.forked_from === null ? null : (
        <p className="text-body text-text-2">
          Forked from{' '}
          <Link href={`/runs/${run.forked_from}`} className="font-mono text-code underline underline-offset-2">
            {shortId(run.forked_from)}
          </Link>
          {state.forked?.fromStep == null ? null : ` at ${state.forked.fromStep}`}.
        </p>
      )}
      {run.parent_run_id === null ? null : (
        <p className="text-body text-text-2">
          Started by step {run.parent_step} of{' '}
          <Link href={`/runs/${run.parent_run_id}`} className="font-mono text-code underline underline-offset-2">
            {shortId(run.parent_run_id)}
          </Link>
          .
        </p>
      )}
      {undone === null ? null : <p className="text-body text-text-2">{undone}.</p>}
      {state.error === null ? null : <ErrorPanel error={state.error} onSelectStep={onSelectStep} />}
      {isFinal(state.status) ? null : <OpenDecisions runId={run.id} within={null} onSelectStep={onSelectStep} />}
      {state.status === 'completed' ? <Values title="Output" value={state.output} /> : null}
      <Values title="Input" value={run.input} />
      {isFinal(state.status) ? <CallbackList runId={run.id} /> : null}
    </div>
  );
}

/** Which schedule started it, and for which due time in its own zone. */
function FromSchedule({ schedule, workflowId }: { schedule: RunSchedule; workflowId: string }) {
  return (
    <div>
      <h3 className="text-micro text-text-3">Started by a schedule</h3>
      <p className="text-body">
        <Link href={`/workflows/${workflowId}/schedules`} className="text-accent hover:underline">
          {schedule.name || schedule.cron}
        </Link>{' '}
        due {formatInZone(schedule.due_at, schedule.timezone, true)}
      </p>
      {schedule.name ? <p className="font-mono text-code text-text-3">{schedule.cron}</p> : null}
    </div>
  );
}

function Fact({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div>
      <dt className="text-micro text-text-3">{label}</dt>
      <dd className="font-mono text-code">{value}</dd>
    </div>
  );
}
