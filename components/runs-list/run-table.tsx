'use client';

import { useCan } from '#components/shell/session.tsx';
import { Checkbox } from '#components/ui/checkbox.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { Cell, HeadCell, Table, TableHead, TableRow } from '#components/ui/table.tsx';
import type { RunRow as Row } from '#lib/contracts/runs.ts';
import { BulkBar } from './bulk-bar.tsx';
import { RunRow } from './run-row.tsx';
import { useChosenRuns } from './use-chosen-runs.ts';

const SKELETON_ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

interface RunTableProps {
  /** Absent while the first page is loading. */
  readonly runs: readonly Row[] | undefined;
  /** Leaves out the workflow's name. */
  readonly ofOneWorkflow: boolean;
}

export function RunTable({ runs, ofOneWorkflow }: RunTableProps) {
  const mayWrite = useCan('runs:write');
  const { chosen, all, isChosen, choose, chooseAll } = useChosenRuns(runs);
  return (
    <>
      {chosen.length > 0 ? <BulkBar chosen={chosen} all={all} onAll={chooseAll} /> : null}
      <Table label="Runs" className="-mx-2 w-[calc(100%+16px)]">
        <TableHead>
          {mayWrite ? (
            <HeadCell className="w-9">
              {/* The bulk bar above has its own. */}
              {chosen.length > 0 ? null : (
                <div className="flex">
                  <Checkbox
                    aria-label="Choose all runs"
                    checked={false}
                    disabled={!runs || runs.length === 0}
                    onCheckedChange={() => chooseAll(true)}
                  />
                </div>
              )}
            </HeadCell>
          ) : null}
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
            ? runs.map((run) => (
                <RunRow
                  key={run.id}
                  run={run}
                  ofOneWorkflow={ofOneWorkflow}
                  chosen={isChosen(run.id)}
                  {...(mayWrite ? { onChoose: (is: boolean) => choose(run.id, is) } : {})}
                />
              ))
            : SKELETON_ROWS.map((key) => <SkeletonRow key={key} ofOneWorkflow={ofOneWorkflow} mayWrite={mayWrite} />)}
        </tbody>
      </Table>
    </>
  );
}

function SkeletonRow({ ofOneWorkflow, mayWrite }: { ofOneWorkflow: boolean; mayWrite: boolean }) {
  return (
    <TableRow dense aria-hidden>
      {mayWrite ? <Cell className="w-9" /> : null}
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
