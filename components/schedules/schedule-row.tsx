'use client';

import { CirclePause } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { Chip } from '#components/ui/chip.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { Cell, TableRow } from '#components/ui/table.tsx';
import type { Schedule } from '#lib/contracts/schedules.ts';
import { ScheduleDetails } from './schedule-details.tsx';
import { ScheduleMenu } from './schedule-menu.tsx';

/** One schedule; a dialog tells its next due times and what became of the last ones. */
export function ScheduleRow({ schedule, ofOneWorkflow }: { schedule: Schedule; ofOneWorkflow: boolean }) {
  const [open, setOpen] = useState(false);
  const title = schedule.name || schedule.description;
  return (
    <TableRow>
      <Cell>
        <div className="flex min-w-0 items-center gap-2">
          <button
            type="button"
            aria-haspopup="dialog"
            onClick={() => setOpen(true)}
            className="min-w-0 truncate text-left font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2 max-sm:flex-1"
          >
            {title}
          </button>
          {schedule.name ? <span className="min-w-0 truncate text-small text-text-3 max-xl:hidden">{schedule.description}</span> : null}
          <State schedule={schedule} />
        </div>
        <div className="truncate text-small text-text-3 sm:hidden">
          <RelativeTime iso={schedule.next_run_at} /> · {ofOneWorkflow ? schedule.cron_expression : schedule.workflow_name} ·{' '}
          {schedule.timezone.replaceAll('_', ' ')}
        </div>
      </Cell>
      {ofOneWorkflow ? null : (
        <Cell className="truncate max-lg:hidden">
          <Link
            href={`/workflows/${schedule.workflow_id}/schedules`}
            className="relative z-1 text-text-2 transition-hover hover:text-text-1 hover:underline"
          >
            {schedule.workflow_name}
          </Link>
        </Cell>
      )}
      <Cell className="truncate font-mono text-code text-text-2 max-md:hidden">{schedule.cron_expression}</Cell>
      <Cell className="truncate text-small text-text-2 max-lg:hidden">{schedule.timezone.replaceAll('_', ' ')}</Cell>
      <Cell numeric className="text-small text-text-2 max-sm:hidden">
        <RelativeTime iso={schedule.next_run_at} className="relative z-1" />
      </Cell>
      <Cell numeric className="text-small text-text-2 max-sm:hidden">
        <RelativeTime iso={schedule.last_run_at} className="relative z-1" />
      </Cell>
      <Cell className="px-1 text-right max-sm:w-13">
        <ScheduleMenu schedule={schedule} title={title} />
        {open ? <ScheduleDetails schedule={schedule} title={title} onClose={() => setOpen(false)} /> : null}
      </Cell>
    </TableRow>
  );
}

/** Why it does not fire, where it does not. */
function State({ schedule }: { schedule: Schedule }) {
  if (!schedule.enabled) return <Chip icon={CirclePause}>Paused</Chip>;
  if (schedule.workflow_status !== 'active') return <Chip icon={CirclePause}>Workflow not active</Chip>;
  return null;
}
