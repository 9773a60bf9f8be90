'use client';

import { WorkflowStatusChip } from '#components/ui/chip.tsx';
import { cn } from '#components/ui/cn.ts';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { Cell, RowLink, TableRow } from '#components/ui/table.tsx';
import type { WorkflowRow as Row } from '#lib/contracts/workflows.ts';
import { RunTicks } from './run-ticks.tsx';
import { WorkflowMenu } from './workflow-menu.tsx';

interface WorkflowRowProps {
  readonly workflow: Row;
  readonly onTag: (tag: string) => void;
}

/** One line of the list; two lines on narrow screens. */
export function WorkflowRow({ workflow, onTag }: WorkflowRowProps) {
  return (
    <TableRow>
      <Cell>
        <div className="flex min-w-0 items-baseline gap-2">
          <RowLink
            href={`/workflows/${workflow.id}`}
            className="min-w-0 shrink-0 truncate font-medium max-sm:flex-1 max-sm:shrink sm:max-w-full"
          >
            {workflow.name}
          </RowLink>
          <span className="min-w-0 truncate text-small text-text-3 max-md:hidden">{workflow.description}</span>
          <WorkflowStatusChip status={workflow.status} className="sm:hidden" />
        </div>
        <div className="truncate text-small text-text-3 sm:hidden">
          {workflow.version > 0 ? version(workflow) : 'no version yet'} · <RelativeTime iso={workflow.updated_at} />
          {workflow.tags.length > 0 ? ` · ${workflow.tags.join(', ')}` : ''}
        </div>
      </Cell>
      <Cell className="max-sm:hidden">
        <div className="flex">
          <WorkflowStatusChip status={workflow.status} />
        </div>
      </Cell>
      <Cell className="max-lg:hidden">
        <Tags tags={workflow.tags} onTag={onTag} />
      </Cell>
      <Cell className="max-md:hidden">
        <RunTicks runs={workflow.recent_runs} />
      </Cell>
      <Cell numeric className="text-small text-text-2 max-lg:hidden">
        <RelativeTime iso={workflow.next_run_at} className="relative z-1" />
      </Cell>
      <Cell numeric className={cn('max-sm:hidden', workflow.version > 0 ? 'font-mono text-code text-text-2' : 'text-text-3')}>
        {version(workflow)}
      </Cell>
      <Cell numeric className="text-small text-text-2 max-sm:hidden">
        <RelativeTime iso={workflow.updated_at} className="relative z-1" />
      </Cell>
      <Cell className="px-1 text-right max-sm:w-13">
        <WorkflowMenu workflow={workflow} />
      </Cell>
    </TableRow>
  );
}

function version(workflow: Row): string {
  return workflow.version > 0 ? `v${workflow.version}` : '—';
}

function Tags({ tags, onTag }: { tags: readonly string[]; onTag: (tag: string) => void }) {
  return (
    <span className="flex min-w-0 gap-1 overflow-hidden">
      {tags.map((tag) => (
        <button
          key={tag}
          type="button"
          aria-label={`Only workflows tagged ${tag}`}
          onClick={() => onTag(tag)}
          className="relative z-1 h-5 min-w-0 shrink truncate rounded-chip border border-line-2 px-1.5 text-small text-text-2 transition-hover focus-inset hover:border-line-3 hover:text-text-1"
        >
          {tag}
        </button>
      ))}
    </span>
  );
}
