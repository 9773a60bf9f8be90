'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { WorkflowBar } from '#components/shell/workflow-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { schedulePagesOptions } from '#lib/client/schedules.ts';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { ScheduleTable } from './schedule-table.tsx';

/** Every schedule of the workspace. */
export function SchedulesPage() {
  return <ScheduleList workflowId={null} />;
}

/** The schedules of one workflow, below its bar. */
export function WorkflowSchedulesPage({ workflowId }: { workflowId: string }) {
  return <ScheduleList workflowId={workflowId} bar={<WorkflowBar workflowId={workflowId} />} />;
}

function ScheduleList({ workflowId, bar }: { workflowId: string | null; bar?: ReactNode }) {
  const list = useInfiniteQuery(schedulePagesOptions(workflowId));
  const { data, error, isPending, refetch } = list;
  // One that has started between two pages stands further down again.
  const schedules = data && [...new Map(data.pages.flatMap((page) => page.schedules).map((one) => [one.id, one])).values()];
  const mayWrite = useCan('workflows:write');
  const [creating, setCreating] = useState(false);
  const create = (
    <Button variant="primary" size="page" onClick={() => setCreating(true)}>
      <Plus className="size-4" aria-hidden />
      New schedule
    </Button>
  );
  const isEmpty = schedules?.length === 0;
  return (
    <>
      {bar}
      <Page>
        <PageHead title="Schedules" level={bar ? 2 : 1} count={data?.pages[0]?.total} actions={mayWrite && !isEmpty ? create : undefined} />
        {isPending ? <LoadingText>Loading schedules</LoadingText> : null}
        {error && !data ? (
          <LoadError what="the schedules" error={error} retry={() => refetch()} className="pt-4" />
        ) : isEmpty ? (
          <EmptyState title="Nothing is scheduled" className="pt-4" action={mayWrite ? create : undefined}>
            {workflowId === null
              ? 'A schedule starts an active workflow at set times, in any time zone.'
              : 'A schedule starts this workflow at set times, in any time zone, while it is active.'}
          </EmptyState>
        ) : (
          <ScheduleTable schedules={schedules} ofOneWorkflow={workflowId !== null} />
        )}
        {list.hasNextPage ? (
          <Button className="mt-4 self-start" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more schedules
          </Button>
        ) : null}
        {creating ? <ScheduleDialog workflowId={workflowId} onClose={() => setCreating(false)} /> : null}
      </Page>
    </>
  );
}
