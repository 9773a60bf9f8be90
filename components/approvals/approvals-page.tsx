'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { approvalPagesOptions } from '#lib/client/approvals.ts';
import { ApprovalCard } from './approval-card.tsx';

/** What waits for a person's decision, in the whole workspace, oldest first. */
export function ApprovalsPage() {
  const list = useInfiniteQuery(approvalPagesOptions());
  const approvals = list.data?.pages.flatMap((page) => page.approvals);
  return (
    <Page width="prose">
      <PageHead title="Approvals" count={list.data?.pages[0]?.total} />
      {list.error && !approvals ? <LoadError what="the approvals" error={list.error} retry={() => list.refetch()} /> : null}
      {list.isPending ? <LoadingText>Loading approvals</LoadingText> : null}
      {approvals?.length === 0 ? (
        <EmptyState title="Nothing waits for you">
          Runs that come to an approval step ask here, and go on when somebody has decided.
        </EmptyState>
      ) : null}
      <ul className="flex flex-col gap-3">
        {approvals?.map((approval) => (
          <li key={approval.id}>
            <ApprovalCard approval={approval} />
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button className="mt-4 self-start" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more approvals
        </Button>
      ) : null}
    </Page>
  );
}
