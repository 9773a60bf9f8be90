'use client';

import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { WorkflowBar } from '#components/shell/workflow-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { versionListOptions } from '#lib/client/versions.ts';
import type { VersionRow } from '#lib/contracts/versions.ts';
import { RollbackDialog } from './rollback-dialog.tsx';
import { VersionComparison } from './version-comparison.tsx';
import { VersionList } from './version-list.tsx';

/** History of a workflow: any two versions on one canvas, the changes in words, and the way back. */
export function VersionsPage({ workflowId }: { workflowId: string }) {
  const { data, error, refetch } = useQuery(versionListOptions(workflowId));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <WorkflowBar workflowId={workflowId} />
      {error ? (
        <div className="p-6">
          <EmptyState title="The history can't be shown" action={<Button onClick={() => void refetch()}>Try again</Button>}>
            {error.message}
          </EmptyState>
        </div>
      ) : null}
      {data === undefined && !error ? <HistorySkeleton /> : null}
      {data?.versions.length === 0 ? (
        <div className="p-6">
          <EmptyState title="No versions yet">
            Save the draft in the editor; each save becomes a version that can be compared and brought back.
          </EmptyState>
        </div>
      ) : null}
      {data && data.versions.length > 0 ? <History workflowId={workflowId} versions={data.versions} /> : null}
    </div>
  );
}

function History({ workflowId, versions }: { workflowId: string; versions: readonly VersionRow[] }) {
  const router = useRouter();
  const search = useSearchParams();
  const newest = versions[0]?.version ?? 1;
  const after = within(search.get('b'), newest) ?? newest;
  const before = within(search.get('a'), newest) ?? Math.max(1, after - 1);
  const [rollbackTo, setRollbackTo] = useState<number | null>(null);
  return (
    <div className="flex min-h-0 flex-1 max-md:flex-col">
      <aside
        aria-label="History"
        className="w-80 shrink-0 overflow-y-auto border-line-1 border-r bg-bg-1 max-md:max-h-40 max-md:w-full max-md:border-r-0 max-md:border-b"
      >
        <VersionList
          versions={versions}
          before={before}
          after={after}
          onCompare={(pair) => router.replace(`/workflows/${workflowId}/versions?a=${pair.before}&b=${pair.after}`, { scroll: false })}
          onRollBack={setRollbackTo}
        />
      </aside>
      <VersionComparison workflowId={workflowId} before={before} after={after} />
      <RollbackDialog workflowId={workflowId} version={rollbackTo} newest={newest} onClose={() => setRollbackTo(null)} />
    </div>
  );
}

/** The version number in the address, where it names one that there is. */
function within(text: string | null, newest: number): number | null {
  const number = Number(text);
  return text !== null && Number.isInteger(number) && number >= 1 && number <= newest ? number : null;
}

function HistorySkeleton() {
  return (
    <div className="flex min-h-0 flex-1">
      <div className="w-80 shrink-0 border-line-1 border-r bg-bg-1 max-md:w-full">
        {['first', 'second', 'third'].map((key) => (
          <div key={key} className="flex h-19 flex-col justify-center gap-2 border-line-1 border-b px-4">
            <Skeleton className="h-4 w-48" />
            <Skeleton className="h-3 w-32" />
          </div>
        ))}
      </div>
    </div>
  );
}
