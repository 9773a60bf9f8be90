import { FastForward, Pin as PinIcon, PinOff, Play, Square } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { ErrorPanel } from '#components/runs/error-panel.tsx';
import { Values } from '#components/runs/step-inspector.tsx';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { Chip, StatusChip } from '#components/ui/chip.tsx';
import { formatDuration } from '#lib/base/duration.ts';
import type { TestResult } from '#lib/contracts/trial.ts';
import type { RunError } from '#lib/engine/events.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { useEditor } from './editor-context.ts';
import { PinForm } from './pin-form.tsx';
import { useTrial } from './use-trial.ts';

/** The inspector's Test tab: try the step, pin what it gives, and see what it was given and made of it the last time. */
export function StepTest({ step }: { readonly step: Step }) {
  const { results, fresh, pins, running, live } = useTrial();
  const isInside = useEditor((state) => state.path.length > 0);
  const [pinning, setPinning] = useState(false);
  const now = live?.steps[live.graph.byId.get(step.id)?.index ?? -1];
  const isRunning = running && (now?.status === 'running' || now?.status === 'waiting');
  if (isInside)
    return <p className="text-body text-text-2">Steps of a loop run once for each iteration. Leave the loop to test it as a whole.</p>;
  const result = results.get(step.id);
  const pin = pins.get(step.id);
  return (
    <div className="flex flex-col gap-4">
      <TestButtons step={step} onPin={() => setPinning(true)} />
      {pinning || pin !== undefined ? <PinForm key={pin?.updated_at ?? 'new'} step={step} onClose={() => setPinning(false)} /> : null}
      {isRunning && now !== undefined ? (
        <StatusChip status={now.status} className="self-start" />
      ) : result === undefined ? (
        <p className="text-body text-text-2">No test has run this step yet.</p>
      ) : (
        <Result result={result} stale={!fresh.has(step.id)} />
      )}
    </div>
  );
}

function TestButtons({ step, onPin }: { readonly step: Step; readonly onPin: () => void }) {
  const { start, stop, running, pins, unpin } = useTrial();
  const mayRun = useCan('runs:write');
  const mayWrite = useCan('workflows:write');
  const isPinned = pins.has(step.id);
  return (
    <div className="flex flex-wrap gap-2">
      <Button disabled={!mayRun || running} onClick={() => start({ to: step.id, only: true })}>
        <Play className="size-4" aria-hidden />
        Run this step
      </Button>
      <Button disabled={!mayRun || running} onClick={() => start({ to: step.id })}>
        <FastForward className="size-4" aria-hidden />
        Run to here
      </Button>
      {isPinned ? (
        <Button disabled={!mayWrite} onClick={() => unpin(step.id)}>
          <PinOff className="size-4" aria-hidden />
          Unpin
        </Button>
      ) : (
        <Button disabled={!mayWrite} onClick={onPin}>
          <PinIcon className="size-4" aria-hidden />
          Pin output
        </Button>
      )}
      {running ? (
        <Button onClick={stop}>
          <Square className="size-4" aria-hidden />
          Stop the test
        </Button>
      ) : null}
    </div>
  );
}

function Result({ result, stale }: { readonly result: TestResult; readonly stale: boolean }) {
  const { items, duration_seconds: seconds, pinned, logs } = result;
  return (
    <section aria-label="Last result" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <StatusChip status={result.status} />
        {pinned ? <Chip icon={PinIcon}>pinned</Chip> : null}
        {stale ? <Chip>out of date</Chip> : null}
        <span className="font-mono text-code text-text-2">
          {[
            ...(seconds === null ? [] : [formatDuration(seconds * 1000)]),
            ...(items === null ? [] : [`${items} ${items === 1 ? 'item' : 'items'}`]),
          ].join(' · ')}
        </span>
        <span className="flex-1" />
        <Link href={`/runs/${result.run_id}`} className="text-body text-text-2 underline underline-offset-2 hover:text-text-1">
          Open the run
        </Link>
      </div>
      {stale ? <p className="text-small text-text-2">This step, or one before it, was changed, pinned or run again since.</p> : null}
      {result.error === null ? null : <ErrorPanel error={result.error as RunError} />}
      {result.output_omitted ? (
        <p className="text-body text-text-2">The output is too large to be shown here. Open the run to see it.</p>
      ) : result.status === 'completed' ? (
        <Values title="Output" value={result.output} />
      ) : null}
      {result.input === null ? null : <Values title="Input" value={result.input} open={1} />}
      {logs.length === 0 ? null : (
        <section aria-label="Log">
          <h3 className="mb-1 font-medium text-small text-text-2">Log</h3>
          <pre className="max-h-64 overflow-auto whitespace-pre-wrap rounded-control bg-sunken p-2 font-mono text-code">
            {logs.join('\n')}
          </pre>
        </section>
      )}
    </section>
  );
}
