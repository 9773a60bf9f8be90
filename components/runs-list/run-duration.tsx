'use client';

import { useEffect, useState } from 'react';
import { formatSeconds } from '#lib/client/format.ts';
import { isFinished } from '#lib/client/runs.ts';
import type { RunRow } from '#lib/contracts/runs.ts';

const TICK_MS = 1_000;

/** How long it took, or for a live run how long it has been going, counting. */
export function RunDuration({ run }: { run: Pick<RunRow, 'status' | 'started_at' | 'duration_seconds'> }) {
  const isLive = run.started_at !== null && !isFinished(run.status);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  if (!isLive || run.started_at === null) return <span>{formatSeconds(run.duration_seconds)}</span>;
  return <span suppressHydrationWarning>{formatSeconds(Math.max(0, Math.floor((now - Date.parse(run.started_at)) / 1000)))}</span>;
}
