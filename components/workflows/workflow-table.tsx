'use client';

import { Skeleton } from '#components/ui/skeleton.tsx';
import { Cell, HeadCell, Table, TableHead, TableRow } from '#components/ui/table.tsx';
import type { WorkflowRow as Row } from '#lib/contracts/workflows.ts';
import { WorkflowRow } from './workflow-row.tsx';

const SKELETON_ROWS = ['w-32', 'w-48', 'w-40', 'w-24', 'w-56', 'w-36'];

/** The list; without rows yet, the boxes of the rows. */
export function WorkflowTable({ workflows, onTag }: { workflows: readonly Row[] | undefined; onTag: (tag: string) => void }) {
  return (
    <Table label="Workflows" className="-mx-2 w-[calc(100%+16px)]">
      <TableHead>
        <HeadCell>Name</HeadCell>
        <HeadCell className="w-28">Status</HeadCell>
        <HeadCell className="w-48 max-lg:hidden">Tags</HeadCell>
        <HeadCell className="w-36 max-md:hidden">Last runs</HeadCell>
        <HeadCell numeric className="w-24 max-lg:hidden">
          Next run
        </HeadCell>
        <HeadCell numeric className="w-20">
          Version
        </HeadCell>
        <HeadCell numeric className="w-28">
          Changed
        </HeadCell>
        <HeadCell className="w-10 max-sm:w-13">
          <span className="sr-only">Actions</span>
        </HeadCell>
      </TableHead>
      <tbody>
        {workflows
          ? workflows.map((workflow) => <WorkflowRow key={workflow.id} workflow={workflow} onTag={onTag} />)
          : SKELETON_ROWS.map((width) => <SkeletonRow key={width} width={width} />)}
      </tbody>
    </Table>
  );
}

function SkeletonRow({ width }: { width: string }) {
  return (
    <TableRow aria-hidden>
      <Cell>
        <Skeleton className={`h-4 ${width}`} />
      </Cell>
      <Cell className="max-sm:hidden">
        <Skeleton className="h-5 w-18" />
      </Cell>
      <Cell className="max-lg:hidden" />
      <Cell className="max-md:hidden">
        <Skeleton className="h-4 w-[118px]" />
      </Cell>
      <Cell className="max-lg:hidden" />
      <Cell className="max-sm:hidden" />
      <Cell className="max-sm:hidden">
        <Skeleton className="ml-auto h-4 w-16" />
      </Cell>
      <Cell />
    </TableRow>
  );
}
