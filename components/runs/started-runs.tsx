'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { StatusChip } from '#components/ui/chip.tsx';
import { startedRunsOptions } from '#lib/client/runs.ts';

interface StartedRunsProps {
  readonly runId: string;
  /** Key of the step. */
  readonly step: string;
  /** Changes when there may be others. */
  readonly revision: number;
}

/** The runs that a step has started, newest first. */
export function StartedRuns({ runId, step, revision }: StartedRunsProps) {
  const { data } = useQuery(startedRunsOptions(runId, step, revision));
  const runs = data?.runs ?? [];
  if (runs.length === 0) return null;
  return (
    <section aria-label="Runs it started">
      <h3 className="mb-1 font-medium text-small text-text-2">{runs.length === 1 ? 'Run it started' : 'Runs it started'}</h3>
      <ul className="flex flex-col">
        {runs.map((run) => (
          <li key={run.id} className="flex h-8 items-center justify-between gap-2">
            <Link href={`/runs/${run.id}`} className="min-w-0 truncate text-body underline underline-offset-2">
              {run.workflow_name}
              {run.version === null ? '' : ` v${run.version}`}
            </Link>
            <StatusChip status={run.status} />
          </li>
        ))}
      </ul>
    </section>
  );
}
