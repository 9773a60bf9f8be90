'use client';

import { Checkbox } from '#components/ui/checkbox.tsx';
import { StatusChip } from '#components/ui/chip.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { Cell, RowLink, TableRow } from '#components/ui/table.tsx';
import { formatMoment, shortId } from '#lib/client/format.ts';
import type { RunRow as Row } from '#lib/contracts/runs.ts';
import { RunDuration } from './run-duration.tsx';
import { RunMenu } from './run-menu.tsx';
import { Trigger } from './trigger.tsx';

interface RunRowProps {
  readonly run: Row;
  readonly ofOneWorkflow: boolean;
  readonly chosen: boolean;
  /** Absent where nothing can be done with chosen runs. */
  readonly onChoose?: (chosen: boolean) => void;
}

/** One run: 32 px, or two lines on narrow screens. */
export function RunRow({ run, ofOneWorkflow, chosen, onChoose }: RunRowProps) {
  const name = ofOneWorkflow ? formatMoment(run.created_at) : run.workflow_name;
  const version = run.version === null ? 'Draft' : `v${run.version}`;
  return (
    <TableRow dense>
      {onChoose ? (
        <Cell className="w-9">
          <div className="flex">
            <Checkbox
              className="z-1"
              aria-label={`Choose the run of ${run.workflow_name} from ${formatMoment(run.created_at)}`}
              checked={chosen}
              onCheckedChange={(is) => onChoose(is === true)}
            />
          </div>
        </Cell>
      ) : null}
      <Cell className="max-sm:hidden">
        <div className="flex">
          <StatusChip status={run.status} />
        </div>
      </Cell>
      <Cell>
        <div className="flex min-w-0 items-baseline gap-2">
          <RowLink href={`/runs/${run.id}`} className="min-w-0 truncate font-medium max-sm:flex-1">
            {name}
          </RowLink>
          {ofOneWorkflow ? <RelativeTime iso={run.created_at} className="relative z-1 text-small text-text-3 max-lg:hidden" /> : null}
          <StatusChip status={run.status} className="sm:hidden" />
        </div>
        <div className="truncate text-small text-text-3 sm:hidden">
          {version} · <RelativeTime iso={run.created_at} /> · <RunDuration run={run} />
        </div>
      </Cell>
      <Cell className="truncate text-small text-text-2 max-lg:hidden">{run.error?.message}</Cell>
      <Cell className="font-mono text-code text-text-3 max-xl:hidden">{shortId(run.id)}</Cell>
      <Cell className="text-small max-sm:hidden">
        <Trigger trigger={run.trigger} />
      </Cell>
      <Cell numeric className="font-mono text-code text-text-2 max-sm:hidden">
        {version}
      </Cell>
      {ofOneWorkflow ? null : (
        <Cell numeric className="text-small text-text-2 max-sm:hidden">
          <RelativeTime iso={run.created_at} className="relative z-1" />
        </Cell>
      )}
      <Cell numeric className="font-mono text-code text-text-2 max-sm:hidden">
        <RunDuration run={run} />
      </Cell>
      <Cell className="px-1 text-right max-sm:w-13">
        <RunMenu run={run} />
      </Cell>
    </TableRow>
  );
}
