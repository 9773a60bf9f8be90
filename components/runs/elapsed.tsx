'use client';

import { useTicking } from '#components/ui/use-ticking.ts';
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
