'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { StepIcon } from '#components/graph/step-icon.tsx';
import { StatusChip } from '#components/ui/chip.tsx';
import { CopyButton } from '#components/ui/copy-button.tsx';
import { shownStatus } from '#components/ui/status.ts';
import type { Json } from '#lib/base/json.ts';
import { shortId } from '#lib/client/format.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { attemptsOf } from '#lib/engine/attempts.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { placeOf, stepAt } from '#lib/engine/scope.ts';
import type { RunState, StepState } from '#lib/engine/state.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { GraphStep } from '#lib/workflow/graph.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { AttemptList } from './attempt-list.tsx';
import { conversationOfEvents, conversationOfOutput } from './conversation.ts';
import { ConversationView } from './conversation-view.tsx';
import { Elapsed } from './elapsed.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { Iterations } from './iterations.tsx';
import { OpenDecisions } from './open-decisions.tsx';
import { StartedRuns } from './started-runs.tsx';
import { StepActions } from './step-actions.tsx';
import { StepPath } from './step-path.tsx';
import { StepReason } from './step-reason.tsx';
import { ValueView } from './value-view.tsx';
import { WaitingStep } from './waiting-step.tsx';

interface StepInspectorProps {
  readonly of: Run;
  readonly events: readonly RunEvent[];
  readonly state: RunState;
  /** Its key: inside loops, with the way to it. */
  readonly stepId: string;
  readonly onSelectStep: (key: string) => void;
}

/** What one step was given, what it made of it, and why it ended as it did. A failure shows its cause first. */
export function StepInspector({ of, events, state, stepId, onSelectStep }: StepInspectorProps) {
  const place = placeOf(state, stepId);
  if (place === undefined) return null;
  const { step, at: run } = stepAt(place.scope, place.index);
  const type = stepType(stepCatalog, step.type);
  const said = type?.converses && !step.sensitive ? (conversationOfOutput(run.output) ?? conversationOfEvents(events, stepId)) : null;
  const logs = state.logs.get(stepId) ?? [];
  return (
    <div className="flex flex-col gap-4 p-4">
      <StepPath stepKey={stepId} onSelectStep={onSelectStep} />
      <StepHead step={step} run={run} />
      {run.error !== null && run.status !== 'completed' ? <ErrorPanel error={run.error} retrying={run.waiting?.kind === 'retry'} /> : null}
      {place.scope === state ? <StepActions run={of} status={state.status} stepId={stepId} /> : null}
      {state.forked?.kept.has(stepId) ? <KeptFrom runId={state.forked.run} /> : null}
      <StepReason place={place} />
      {run.status === 'waiting' ? <WaitingStep runId={of.id} stepKey={stepId} run={run} /> : null}
      {type?.startsRuns ? <StartedRuns runId={of.id} step={stepId} revision={(run.waiting?.since ?? 0) + (run.endedAt ?? 0)} /> : null}
      {run.loop === null || run.endedAt !== null ? null : <OpenDecisions runId={of.id} within={stepId} onSelectStep={onSelectStep} />}
      {run.loop === null ? null : <Iterations loop={run.loop} onSelectStep={onSelectStep} />}
      {said === null ? null : <ConversationView conversation={said} />}
      {run.input === undefined ? null : <Values title="Input" value={run.input} />}
      {run.status === 'completed' ? (
        <Values title="Output" value={step.sensitive ? '[REDACTED]' : run.output} open={said === null ? 2 : 1} />
      ) : null}
      <AttemptList attempts={attemptsOf(events).get(stepId) ?? []} />
      {logs.length === 0 ? null : (
        <Section title="Log" copy={logs.join('\n')}>
          <pre className="max-h-64 overflow-auto whitespace-pre-wrap rounded-control bg-sunken p-2 font-mono text-code">
            {logs.join('\n')}
          </pre>
        </Section>
      )}
      {Object.keys(step.config).length === 0 ? null : <Values title="Config" value={step.config} open={1} />}
    </div>
  );
}

function KeptFrom({ runId }: { runId: string }) {
  return (
    <p className="text-body text-text-2">
      Its result was kept from{' '}
      <Link href={`/runs/${runId}`} className="font-mono text-code underline underline-offset-2">
        {shortId(runId)}
      </Link>
      .
    </p>
  );
}

function StepHead({ step, run }: { step: GraphStep; run: StepState }) {
  const type = stepType(stepCatalog, step.type);
  const started = run.firstStartedAt ?? run.startedAt;
  const facts: [string, ReactNode][] = [
    [run.endedAt === null ? 'So far' : 'Took', <Elapsed key="took" from={started} to={run.endedAt} />],
    ['Started', started === null ? '—' : new Date(started).toLocaleTimeString('en-GB')],
    ['Attempts', step.retry.maxAttempts > 1 ? `${run.attempt || '—'} of ${step.retry.maxAttempts}` : String(run.attempt || '—')],
    ...(run.branch === null ? [] : [['Branch', run.branch] as [string, ReactNode]]),
  ];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-2.5">
        <span className="flex size-8 shrink-0 items-center justify-center rounded-control bg-sunken text-text-2">
          <StepIcon name={type?.icon ?? 'circle-help'} />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-heading">{step.source.name ?? step.id}</h2>
          <p className="truncate font-mono text-code-small text-text-3">{step.id}</p>
        </div>
        <StatusChip status={shownStatus(run)} />
      </div>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(5.5rem,1fr))] gap-x-4 gap-y-2">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-micro text-text-3">{label}</dt>
            <dd className="truncate font-mono text-code">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** A named JSON value with a button that copies it. */
export function Values({ title, value, open = 2 }: { title: string; value: Json; open?: number }) {
  return (
    <Section title={title} copy={JSON.stringify(value, null, 2)}>
      <ValueView value={value} open={open} />
    </Section>
  );
}

function Section({ title, copy, children }: { title: string; copy: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <div className="mb-1 flex h-7 items-center justify-between">
        <h3 className="font-medium text-small text-text-2">{title}</h3>
        <CopyButton text={copy} label={`Copy ${title.toLowerCase()}`} iconOnly />
      </div>
      {children}
    </section>
  );
}
