'use client';

import { useQuery } from '@tanstack/react-query';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { approvalListOptions } from '#lib/client/approvals.ts';
import { ApprovalCard } from './approval-card.tsx';

/** What waits for a person's decision, in the whole workspace, oldest first. */
export function ApprovalsPage() {
  const { data, error, isPending, refetch } = useQuery(approvalListOptions());
  return (
    <Page width="prose">
      <PageHead title="Approvals" count={data?.total} />
      {error && !data ? <LoadError what="the approvals" error={error} retry={() => refetch()} /> : null}
      {isPending ? <LoadingText>Loading approvals</LoadingText> : null}
      {data?.approvals.length === 0 ? (
        <EmptyState title="Nothing waits for you">
          Runs that come to an approval step ask here, and go on when somebody has decided.
        </EmptyState>
      ) : null}
      <ul className="flex flex-col gap-3">
        {data?.approvals.map((approval) => (
          <li key={approval.id}>
            <ApprovalCard approval={approval} />
          </li>
        ))}
      </ul>
    </Page>
  );
}
