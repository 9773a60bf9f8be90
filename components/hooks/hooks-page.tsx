'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { WorkflowBar } from '#components/shell/workflow-bar.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { hookListOptions } from '#lib/client/hooks.ts';
import { HookCard } from './hook-card.tsx';
import { HookDialog } from './hook-dialog.tsx';

/** The addresses by which other services call a workflow, and what they sent. */
export function HooksPage({ workflowId }: { workflowId: string }) {
  const mayChange = useCan('workflows:write');
  const [creating, setCreating] = useState(false);
  const { data, error, isPending, refetch } = useQuery(hookListOptions(workflowId));
  const create = mayChange ? (
    <Button variant="primary" size="page" onClick={() => setCreating(true)}>
      <Plus className="size-4" aria-hidden />
      New hook
    </Button>
  ) : null;
  return (
    <>
      <WorkflowBar workflowId={workflowId} />
      <Page width="prose">
        <PageHead title="Hooks" level={2} count={data?.total} actions={data?.hooks.length ? create : null} />
        {error && !data ? <LoadError what="the hooks" error={error} retry={() => refetch()} /> : null}
        {isPending ? <LoadingText>Loading hooks</LoadingText> : null}
        {data?.hooks.length === 0 ? (
          <EmptyState title="No hooks yet" action={create}>
            A hook is an address that other services call: each call starts a run, or reaches the runs that wait for it.
          </EmptyState>
        ) : null}
        <ul className="flex flex-col gap-3">
          {data?.hooks.map((hook) => (
            <li key={hook.id}>
              <HookCard hook={hook} />
            </li>
          ))}
        </ul>
        {creating ? <HookDialog workflowId={workflowId} onClose={() => setCreating(false)} /> : null}
      </Page>
    </>
  );
}
