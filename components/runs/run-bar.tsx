'use client';

import { PencilLine, Unplug } from 'lucide-react';
import Link from 'next/link';
import { TopBar } from '#components/shell/top-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { Chip, StatusChip } from '#components/ui/chip.tsx';
import type { FollowedRun } from '#lib/client/follow-run.ts';
import { shortId } from '#lib/client/format.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { Elapsed } from './elapsed.tsx';
import { RunActions } from './run-actions.tsx';

/** Which run this is, how it stands, and what can be done with it. */
export function RunBar({ run, live }: { run: Run; live: FollowedRun }) {
  const { state, connection } = live;
  const base = `/workflows/${run.workflow_id}`;
  return (
    <TopBar
      crumbs={[
        { label: 'Runs', href: '/runs' },
        { label: run.workflow_name, href: `${base}/runs` },
      ]}
      title={<span className="font-mono text-code">{shortId(run.id)}</span>}
      chip={<Chip mono>{run.version === null ? 'draft' : `v${run.version}`}</Chip>}
      state={
        <span className="flex items-center gap-2">
          <StatusChip status={state.status} />
          <span className="min-w-14 font-mono text-code text-text-3 max-sm:hidden">
            <Elapsed from={state.startedAt} to={state.endedAt} />
          </span>
          {connection === 'lost' ? (
            <span role="status" className="flex items-center gap-1 text-small text-text-2">
              <Unplug className="size-3" aria-hidden />
              Reconnecting
            </span>
          ) : null}
        </span>
      }
      actions={
        <>
          <Button asChild variant="ghost">
            <Link href={base}>
              <PencilLine className="size-4" aria-hidden />
              <span className="max-sm:sr-only">Open editor</span>
            </Link>
          </Button>
          <RunActions run={run} state={state} />
        </>
      }
    />
  );
}
