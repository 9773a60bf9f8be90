'use client';

import { type RefObject, useEffect, useState } from 'react';
import type { RunRow } from '#lib/contracts/runs.ts';

/**
 * New runs go straight into the list while its top is in view. Once the person has scrolled down, they are held back
 * and counted, so that nothing moves under the eyes; back at the top they join.
 */
export function useHeldRows(runs: readonly RunRow[] | undefined, top: RefObject<HTMLElement | null>) {
  const [atTop, setAtTop] = useState(true);
  const [newestSeen, setNewestSeen] = useState<string | null>(null);
  const newest = runs?.[0]?.created_at ?? null;

  useEffect(() => {
    if (!top.current) return;
    const observer = new IntersectionObserver(([entry]) => setAtTop(entry?.isIntersecting ?? true), { rootMargin: '64px' });
    observer.observe(top.current);
    return () => observer.disconnect();
  }, [top]);
  useEffect(() => {
    if (atTop) setNewestSeen(newest);
  }, [atTop, newest]);

  if (atTop || runs === undefined || newestSeen === null) return { shown: runs, heldCount: 0 };
  const shown = runs.filter((run) => run.created_at <= newestSeen);
  return { shown, heldCount: runs.length - shown.length };
}
