'use client';

import { clearUrlFilters } from '#components/shell/url-filters.ts';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';

const FILTERS = ['search', 'status', 'tag'] as const;

interface NoWorkflowsProps {
  readonly filtered: boolean;
  readonly mayWrite: boolean;
  readonly creating: boolean;
  readonly onCreate: () => void;
}

/** What stands in place of the list: nothing found, or nothing there yet. */
export function NoWorkflows({ filtered, mayWrite, creating, onCreate }: NoWorkflowsProps) {
  if (filtered) {
    return (
      <EmptyState title="Nothing matches" className="pt-4" action={<Button onClick={() => clearUrlFilters(FILTERS)}>Clear filters</Button>}>
        No workflow has this name, tag and status.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No workflows yet"
      className="pt-4"
      {...(mayWrite ? { shortcut: 'n' } : {})}
      action={
        mayWrite ? (
          <Button loading={creating} onClick={onCreate}>
            Draw the first one
          </Button>
        ) : null
      }
    >
      A workflow is a graph of steps: requests, scripts, conditions, waits. Start on an empty canvas, from a template, or from a file.
    </EmptyState>
  );
}
