import { useEffect, useState } from 'react';
import { formatDuration, formatElapsed } from '#lib/base/duration.ts';
import type { StepRunState } from './overlay.ts';

interface StepTimeProps {
  readonly run: StepRunState;
}

/** How long a step took; of a running one, how long it has been running, ticking. */
export function StepTime({ run }: StepTimeProps) {
  const ticking = run.status === 'running' && run.startedAt !== null;
  const now = useNow(ticking);
  const millis = ticking && run.startedAt !== null ? Math.max(0, now - run.startedAt) : run.duration;
  if (millis === null) return null;
  return <span className="step-card__time">{ticking ? formatElapsed(millis) : formatDuration(millis)}</span>;
}

function useNow(active: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}
