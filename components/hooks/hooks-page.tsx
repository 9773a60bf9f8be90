'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { WorkflowBar } from '#components/shell/workflow-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { hookListOptions, hookPagesOptions } from '#lib/client/hooks.ts';
import type { Hook, PlacedHook } from '#lib/contracts/hooks.ts';
import { HookCard } from './hook-card.tsx';
import { HookDialog } from './hook-dialog.tsx';

/** Every hook of the workspace, each with its workflow. */
export function HooksPage() {
  const list = useInfiniteQuery(hookPagesOptions());
  const hooks = list.data?.pages.flatMap((page) => page.hooks);
  return (
    <HookList
      workflowId={null}
      list={{ ...list, data: hooks && { hooks, total: list.data?.pages[0]?.total ?? hooks.length } }}
      more={
        list.hasNextPage ? (
          <Button className="mt-4 self-start" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more hooks
          </Button>
        ) : null
      }
    />
  );
}

/** The addresses by which other services call a workflow, and what they sent. */
export function WorkflowHooksPage({ workflowId }: { workflowId: string }) {
  return <HookList workflowId={workflowId} list={useQuery(hookListOptions(workflowId))} bar={<WorkflowBar workflowId={workflowId} />} />;
}

interface HookListProps {
  /** Null: of all workflows. */
  readonly workflowId: string | null;
  readonly list: {
    readonly data: { readonly hooks: readonly (Hook | PlacedHook)[]; readonly total: number } | undefined;
    readonly error: Error | null;
    readonly isPending: boolean;
    readonly refetch: () => void;
  };
  readonly bar?: ReactNode;
  /** Brings the next page, where there is one. */
  readonly more?: ReactNode;
}

function HookList({ workflowId, list: { data, error, isPending, refetch }, bar, more }: HookListProps) {
  const mayChange = useCan('workflows:write');
  const [creating, setCreating] = useState(false);
  const create = mayChange ? (
    <Button variant="primary" size="page" onClick={() => setCreating(true)}>
      <Plus className="size-4" aria-hidden />
      New hook
    </Button>
  ) : null;
  return (
    <>
      {bar}
      <Page width="prose">
        <PageHead title="Hooks" level={bar ? 2 : 1} count={data?.total} actions={data?.hooks.length ? create : null} />
        {error && !data ? <LoadError what="the hooks" error={error} retry={refetch} /> : null}
        {isPending ? <LoadingText>Loading hooks</LoadingText> : null}
        {data?.hooks.length === 0 ? (
          <EmptyState title="No hooks yet" action={create}>
            A hook is an address that other services call: each call starts a run, or reaches the runs that wait for it.
          </EmptyState>
        ) : null}
        <ul className="flex flex-col gap-3">
          {data?.hooks.map((hook) => (
            <li key={hook.id}>
              <HookCard hook={hook} {...('workflow_name' in hook ? { workflowName: hook.workflow_name } : {})} />
            </li>
          ))}
        </ul>
        {more}
        {creating ? <HookDialog workflowId={workflowId} onClose={() => setCreating(false)} /> : null}
      </Page>
    </>
  );
}
