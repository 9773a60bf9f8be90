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
  if (millis === null) return null;
  return <span className="step-card__time">{ticking ? formatElapsed(millis) : formatDuration(millis)}</span>;
}
