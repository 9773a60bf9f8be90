'use client';

import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useSession } from '#components/shell/session.tsx';
import { WorkflowBar } from '#components/shell/workflow-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { toastInfo } from '#components/ui/toast.tsx';
import { ApiError } from '#lib/client/request.ts';
import { draftOptions } from '#lib/client/workflows.ts';
import type { Draft } from '#lib/contracts/workflows.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { Editor } from './editor.tsx';
import { EditorContext, type EditorParts } from './editor-context.ts';
import { findKept, type KeptEdits } from './kept-edits.ts';
import { createEditorStore } from './store.ts';

interface EditorPageProps {
  readonly workflowId: string;
}

/** The editor of one workflow's draft. */
export function EditorPage({ workflowId }: EditorPageProps) {
  const draft = useQuery(draftOptions(workflowId));
  const kept = useQuery(keptOptions(useSession().user?.id ?? '', workflowId));
  if (draft.data && kept.data !== undefined) {
    return <OpenEditor key={workflowId} workflowId={workflowId} draft={draft.data} kept={kept.data} />;
  }
  return (
    <>
      <WorkflowBar workflowId={workflowId} />
      {draft.isError ? <LoadFailed error={draft.error} onRetry={() => void draft.refetch()} /> : <EditorSkeleton />}
    </>
  );
}

/** What this browser kept of edits that never arrived. */
function keptOptions(userId: string, workflowId: string) {
  return queryOptions({
    queryKey: ['kept-edits', userId, workflowId],
    queryFn: () => findKept(userId, workflowId),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    networkMode: 'always',
  });
}

function OpenEditor({ workflowId, draft, kept }: EditorPageProps & { readonly draft: Draft; readonly kept: KeptEdits | null }) {
  const [parts] = useState<EditorParts>(() => {
    const store = createEditorStore(workflowId, kept?.base ?? draft.definition, stepCatalog);
    if (kept !== null)
      store.getState().dispatch({ kind: 'replace', definition: kept.mine }, { label: 'Changes kept in this browser', whole: true });
    return { store, canvas: { current: null } };
  });
  useEffect(() => {
    if (kept !== null) toastInfo('Changes that were not saved yet are back. This browser had kept them.');
  }, [kept]);
  return (
    <EditorContext value={parts}>
      <Editor draft={draft} kept={kept} />
    </EditorContext>
  );
}

function EditorSkeleton() {
  return (
    <div className="flex min-h-0 flex-1" aria-busy="true">
      <div className="flex w-62 shrink-0 flex-col gap-2 border-line-1 border-r bg-bg-1 p-2 max-lg:w-52 max-sm:hidden">
        <Skeleton className="h-7" />
        {['a', 'b', 'c', 'd', 'e', 'f'].map((row) => (
          <Skeleton key={row} className="h-9" />
        ))}
      </div>
      <div className="min-w-0 flex-1 bg-bg-0" />
      <div className="w-90 shrink-0 border-line-1 border-l bg-bg-1 max-sm:hidden" />
    </div>
  );
}

function LoadFailed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const isMissing = error instanceof ApiError && error.status === 404;
  return (
    <div className="flex flex-col items-start gap-2 p-6">
      <h2 className="text-section">{isMissing ? 'There is no such workflow' : 'The draft could not be opened'}</h2>
      <p className="text-body text-text-2">{isMissing ? 'It may have been deleted, or it belongs to another workspace.' : error.message}</p>
      {!isMissing && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
