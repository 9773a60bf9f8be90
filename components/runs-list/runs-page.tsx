'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Archive } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { WorkflowBar } from '#components/shell/workflow-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { RetentionDialog } from '#components/workflows/retention-dialog.tsx';
import { plural } from '#lib/client/format.ts';
import { runPagesOptions } from '#lib/client/runs.ts';
import { useHeldRows } from './held-rows.ts';
import { NoRuns } from './no-runs.tsx';
import { RunFilters } from './run-filters.tsx';
import { RunTable } from './run-table.tsx';
import { useRunFilters } from './use-run-filters.ts';

/** Every run of the workspace. */
export function RunsPage() {
  return <RunList />;
}

/** The runs of one workflow, below its bar. */
export function WorkflowRunsPage({ workflowId }: { workflowId: string }) {
  return <RunList workflowId={workflowId} bar={<WorkflowBar workflowId={workflowId} />} />;
}

function RunList({ workflowId, bar }: { workflowId?: string; bar?: ReactNode }) {
  const { filters, isFiltered } = useRunFilters(workflowId);
  const list = useInfiniteQuery(runPagesOptions(filters));
  const top = useRef<HTMLDivElement>(null);
  const runs = list.data?.pages.flatMap((page) => page.runs);
  const total = list.data?.pages[0]?.total;
  const { shown, heldCount } = useHeldRows(runs, top);

  return (
    <>
      {bar}
      <Page>
        <div ref={top} />
        <PageHead
          title="Runs"
          level={bar ? 2 : 1}
          count={total}
          filters={<RunFilters {...(workflowId === undefined ? {} : { workflowId })} />}
          actions={workflowId === undefined ? null : <KeepRuns workflowId={workflowId} />}
        />
        {heldCount > 0 ? (
          <div className="sticky top-9 z-20 flex h-0 justify-center">
            <Button className="bg-bg-3 shadow-s2" onClick={() => top.current?.scrollIntoView()}>
              {plural(heldCount, 'new run')}
            </Button>
          </div>
        ) : null}
        {list.isPending ? <LoadingText>Loading runs</LoadingText> : null}
        {list.error && !runs ? (
          <LoadError what="the runs" error={list.error} retry={() => list.refetch()} className="pt-4" />
        ) : runs?.length === 0 ? (
          <NoRuns isFiltered={isFiltered} {...(workflowId === undefined ? {} : { workflowId })} />
        ) : (
          <RunTable runs={shown} ofOneWorkflow={workflowId !== undefined} />
        )}
        {list.hasNextPage ? (
          <Button className="mt-4 self-start" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show older runs
          </Button>
        ) : null}
      </Page>
    </>
  );
}

/** How long the runs of this workflow stay here. */
function KeepRuns({ workflowId }: { workflowId: string }) {
  const [open, setOpen] = useState(false);
  if (!useCan('workflows:write')) return null;
  return (
    <>
      <Button variant="ghost" onClick={() => setOpen(true)}>
        <Archive className="size-4" aria-hidden />
        Keep runs…
      </Button>
      {open ? <RetentionDialog workflowId={workflowId} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
