'use client';

import { useSyncExternalStore } from 'react';
import { formatExact, formatRelative } from '#lib/client/format.ts';
import { cn } from './cn.ts';
import { Tooltip } from './tooltip.tsx';

const TICK_MS = 10_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all the times on a page. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** "3 min ago", with the exact time in its tooltip; `—` for none. */
export function RelativeTime({ iso, className }: { iso: string | null; className?: string }) {
  const moment = useSyncExternalStore(
    subscribe,
    () => now,
    () => now,
  );
  if (iso === null) return <span className={className}>—</span>;
  return (
    <Tooltip content={formatExact(iso)}>
      <time dateTime={iso} className={cn('whitespace-nowrap', className)} suppressHydrationWarning>
        {formatRelative(iso, moment)}
      </time>
    </Tooltip>
  );
}
