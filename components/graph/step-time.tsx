import { useTicking } from '#components/ui/use-ticking.ts';
import { formatDuration, formatElapsed } from '#lib/base/duration.ts';
import type { StepRunState } from './overlay.ts';

interface StepTimeProps {
  readonly run: StepRunState;
}

/** How long a step took; of a running one, how long it has been running, ticking. */
export function StepTime({ run }: StepTimeProps) {
  const ticking = run.status === 'running' && run.startedAt !== null;
  const now = useTicking(ticking);
  const millis = ticking && run.startedAt !== null ? Math.max(0, now - run.startedAt) : run.duration;
  if (run.stale) return <span className="step-card__time">out of date</span>;
  const parts = [
    ...(run.items == null ? [] : [`${run.items} ${run.items === 1 ? 'item' : 'items'}`]),
    ...(millis === null ? [] : [ticking ? formatElapsed(millis) : formatDuration(millis)]),
  ];
  if (parts.length === 0) return null;
  return <span className="step-card__time">{parts.join(' · ')}</span>;
}
