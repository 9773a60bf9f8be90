'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { FileJson, LayoutTemplate, Plus } from 'lucide-react';
import Link from 'next/link';
import { useRef, useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Page, PageHead } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { useUrlFilter, useUrlSearch } from '#components/shell/url-filters.ts';
import { Button } from '#components/ui/button.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { plural } from '#lib/client/format.ts';
import { workflowPagesOptions } from '#lib/client/workflows.ts';
import { WorkflowStatus } from '#lib/contracts/workflows.ts';
import { ImportDialog } from './import-dialog.tsx';
import { useListCommands } from './list-commands.ts';
import { useNewWorkflow } from './new-workflow.ts';
import { NoWorkflows } from './no-workflows.tsx';
import { WorkflowFilters } from './workflow-filters.tsx';
import { WorkflowTable } from './workflow-table.tsx';

/** The start page: every workflow of the workspace, found by name, tag and status. */
export function WorkflowsPage() {
  const search = useUrlSearch('search');
  const [statusText, setStatus] = useUrlFilter('status');
  const [tag, setTag] = useUrlFilter('tag');
  const status = WorkflowStatus.safeParse(statusText).data;
  const [importing, setImporting] = useState(false);
  const searchInput = useRef<HTMLInputElement>(null);
  const mayWrite = useCan('workflows:write');
  const create = useNewWorkflow();
  const list = useInfiniteQuery(
    workflowPagesOptions({ ...(search.settled ? { search: search.settled } : {}), ...(status ? { status } : {}), ...(tag ? { tag } : {}) }),
  );
  useListCommands({ create: create.mutate, openImport: setImporting, focusSearch: () => searchInput.current?.focus() });

  const workflows = list.data?.pages.flatMap((page) => page.workflows);
  const total = list.data?.pages[0]?.total;
  const filtered = search.settled !== '' || status !== undefined || tag !== '';

  return (
    <Page>
      <PageHead
        title="Workflows"
        count={total}
        filters={
          <WorkflowFilters
            ref={searchInput}
            search={search}
            status={status}
            onStatus={setStatus}
            tag={tag}
            onTag={setTag}
            knownTags={workflows?.flatMap((workflow) => workflow.tags) ?? []}
          />
        }
        actions={
          mayWrite ? (
            <>
              <Button size="page" onClick={() => setImporting(true)} className="max-sm:hidden">
                <FileJson className="size-4" aria-hidden />
                Import
              </Button>
              <Button size="page" asChild className="max-sm:hidden">
                <Link href="/templates">
                  <LayoutTemplate className="size-4" aria-hidden />
                  From template
                </Link>
              </Button>
              <Button variant="primary" size="page" loading={create.isPending} onClick={() => create.mutate()}>
                <Plus className="size-4" aria-hidden />
                New
              </Button>
            </>
          ) : null
        }
      />
      {list.isPending ? <LoadingText>Loading workflows</LoadingText> : null}
      {list.error && !workflows ? (
        <LoadError what="the workflows" error={list.error} retry={() => list.refetch()} className="pt-4" />
      ) : workflows?.length === 0 ? (
        <NoWorkflows filtered={filtered} mayWrite={mayWrite} onCreate={() => create.mutate()} creating={create.isPending} />
      ) : (
        <WorkflowTable workflows={workflows} onTag={setTag} />
      )}
      {list.hasNextPage ? (
        <Button className="mt-4 self-start" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more of {plural(total ?? 0, 'workflow')}
        </Button>
      ) : null}
      {importing ? <ImportDialog open onOpenChange={setImporting} /> : null}
    </Page>
  );
}
