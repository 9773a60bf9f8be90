'use client';

import { Skeleton } from '#components/ui/skeleton.tsx';
import { Cell, HeadCell, Table, TableHead, TableRow } from '#components/ui/table.tsx';
import type { RunRow as Row } from '#lib/contracts/runs.ts';
import { RunRow } from './run-row.tsx';

const SKELETON_ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

interface RunTableProps {
  /** Absent while the first page is loading. */
  readonly runs: readonly Row[] | undefined;
  /** Leaves out the workflow's name. */
  readonly ofOneWorkflow: boolean;
}

export function RunTable({ runs, ofOneWorkflow }: RunTableProps) {
  return (
    <Table label="Runs" className="-mx-2 w-[calc(100%+16px)]">
      <TableHead>
        <HeadCell className="w-30">Status</HeadCell>
        <HeadCell className="w-64 max-lg:w-auto">{ofOneWorkflow ? 'Queued' : 'Workflow'}</HeadCell>
        <HeadCell className="max-lg:hidden">Error</HeadCell>
        <HeadCell className="w-36 max-xl:hidden">Run</HeadCell>
        <HeadCell className="w-28">Trigger</HeadCell>
        <HeadCell numeric className="w-20">
          Version
        </HeadCell>
        {ofOneWorkflow ? null : (
          <HeadCell numeric className="w-28">
            Queued
          </HeadCell>
        )}
        <HeadCell numeric className="w-24">
          Duration
        </HeadCell>
        <HeadCell className="w-10">
          <span className="sr-only">Actions</span>
        </HeadCell>
      </TableHead>
      <tbody>
        {runs
          ? runs.map((run) => <RunRow key={run.id} run={run} ofOneWorkflow={ofOneWorkflow} />)
          : SKELETON_ROWS.map((key) => <SkeletonRow key={key} ofOneWorkflow={ofOneWorkflow} />)}
      </tbody>
    </Table>
  );
}

function SkeletonRow({ ofOneWorkflow }: { ofOneWorkflow: boolean }) {
  return (
    <TableRow dense aria-hidden>
      <Cell className="max-sm:hidden">
        <Skeleton className="h-5 w-22" />
      </Cell>
      <Cell>
        <Skeleton className="h-4 w-32" />
      </Cell>
      <Cell className="max-lg:hidden" />
      <Cell className="max-xl:hidden">
        <Skeleton className="h-4 w-24" />
      </Cell>
      <Cell className="max-sm:hidden">
        <Skeleton className="h-4 w-16" />
      </Cell>
      <Cell className="max-sm:hidden" />
      {ofOneWorkflow ? null : (
        <Cell className="max-sm:hidden">
          <Skeleton className="ml-auto h-4 w-16" />
        </Cell>
      )}
      <Cell className="max-sm:hidden">
        <Skeleton className="ml-auto h-4 w-12" />
      </Cell>
      <Cell />
    </TableRow>
  );
}
