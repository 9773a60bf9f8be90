'use client';

import { useEffect, useState } from 'react';
import { formatDuration, formatElapsed } from '#lib/base/duration.ts';

interface ElapsedProps {
  /** Milliseconds since the epoch; null before it began. */
  readonly from: number | null;
  /** Null while it goes on. */
  readonly to: number | null;
}

/** How long something took; while it goes on, how long already. Only this text is drawn again as time passes. */
export function Elapsed({ from, to }: ElapsedProps) {
  const now = useTicking(from !== null && to === null);
  if (from === null) return '—';
  return to === null ? formatElapsed(now - from) : formatDuration(to - from);
}

/** The present moment, told ten times a second while something goes on; stands still otherwise. */
function useTicking(active: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}
