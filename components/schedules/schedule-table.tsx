'use client';

import { Skeleton } from '#components/ui/skeleton.tsx';
import { Cell, HeadCell, Table, TableHead, TableRow } from '#components/ui/table.tsx';
import type { Schedule } from '#lib/contracts/schedules.ts';
import { ScheduleRow } from './schedule-row.tsx';

const SKELETONS = ['w-48', 'w-32', 'w-40'];

/** The list; without rows yet, the boxes of the rows. */
export function ScheduleTable({ schedules, ofOneWorkflow }: { schedules: readonly Schedule[] | undefined; ofOneWorkflow: boolean }) {
  return (
    <Table label="Schedules" className="-mx-2 w-[calc(100%+16px)]">
      <TableHead>
        <HeadCell>Schedule</HeadCell>
        {ofOneWorkflow ? null : <HeadCell className="w-56 max-lg:hidden">Workflow</HeadCell>}
        <HeadCell className="w-44 max-md:hidden">Expression</HeadCell>
        <HeadCell className="w-40 max-lg:hidden">Time zone</HeadCell>
        <HeadCell numeric className="w-28">
          Next
        </HeadCell>
        <HeadCell numeric className="w-28">
          Last
        </HeadCell>
        <HeadCell className="w-10 max-sm:w-13">
          <span className="sr-only">Actions</span>
        </HeadCell>
      </TableHead>
      <tbody>
        {schedules
          ? schedules.map((schedule) => <ScheduleRow key={schedule.id} schedule={schedule} ofOneWorkflow={ofOneWorkflow} />)
          : SKELETONS.map((width) => (
              <TableRow key={width} aria-hidden>
                <Cell>
                  <Skeleton className={`h-4 ${width}`} />
                </Cell>
              </TableRow>
            ))}
      </tbody>
    </Table>
  );
}
