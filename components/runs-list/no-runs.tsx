'use client';

import Link from 'next/link';
import { clearUrlFilters } from '#components/shell/url-filters.ts';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { RUN_FILTER_KEYS } from './use-run-filters.ts';

/** What stands in place of the list: nothing found, or nothing ran yet. */
export function NoRuns({ isFiltered, workflowId }: { isFiltered: boolean; workflowId?: string }) {
  if (isFiltered) {
    return (
      <EmptyState
        title="Nothing matches"
        className="pt-4"
        action={<Button onClick={() => clearUrlFilters(RUN_FILTER_KEYS)}>Clear filters</Button>}
      >
        No run fits these filters.
      </EmptyState>
    );
  }
  const link =
    workflowId === undefined ? { href: '/', label: 'Go to workflows' } : { href: `/workflows/${workflowId}`, label: 'Open the editor' };
  return (
    <EmptyState
      title="No runs yet"
      className="pt-4"
      action={
        <Button asChild>
          <Link href={link.href}>{link.label}</Link>
        </Button>
      }
    >
      A run appears here as soon as a workflow is started, by hand or by a program.
    </EmptyState>
  );
}
