'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { type FollowedRun, followRun, type RunFollower } from '#lib/client/follow-run.ts';
import { runOptions } from '#lib/client/runs.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';

const NEVER = () => () => undefined;
const NOTHING = () => null;

/** A run's row (asked once) and its life (folded from its event stream). `live` is null until the stream is open. Of null nothing is asked. */
export function useRun(runId: string | null): { run: Run | undefined; live: FollowedRun | null; error: Error | null; retry: () => void } {
  const query = useQuery({ ...runOptions(runId ?? ''), enabled: runId !== null, staleTime: Number.POSITIVE_INFINITY });
  const run = runId === null ? undefined : query.data?.run;
  const follower = useFollower(run);
  const live = useSyncExternalStore(follower?.subscribe ?? NEVER, follower?.current ?? NOTHING, NOTHING);
  return { run, live, error: query.error, retry: () => void query.refetch() };
}

function useFollower(run: Run | undefined): RunFollower | null {
  const [follower, setFollower] = useState<RunFollower | null>(null);
  useEffect(() => {
    if (run === undefined) return;
    const made = followRun(run, stepCatalog);
    setFollower(made);
    return () => {
      made.close();
      setFollower(null);
    };
  }, [run]);
  return follower;
}
