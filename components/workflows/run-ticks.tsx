import { cn } from '#components/ui/cn.ts';
import { RUN_LOOK, TONE_FILL } from '#components/ui/status.ts';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { plural } from '#lib/client/format.ts';
import type { WorkflowRow } from '#lib/contracts/workflows.ts';
import type { RunStatus } from '#lib/engine/events.ts';

const HEIGHT: Partial<Record<RunStatus, string>> = { failed: 'h-4', running: 'h-[13px]', completed: 'h-2.5' };

/** The last 20 runs as ticks, newest at the right: height and hue say how each ended. */
export function RunTicks({ runs }: { runs: WorkflowRow['recent_runs'] }) {
  if (runs.length === 0) return <span className="text-text-3">—</span>;
  const summary = summaryOf(runs);
  return (
    <Tooltip content={summary}>
      <span role="img" aria-label={summary} className="relative z-1 inline-flex h-4 w-[118px] items-end gap-0.5 align-middle">
        {runs.toReversed().map((run) => (
          <span key={run.id} className={cn('w-1 rounded-[1px]', HEIGHT[run.status] ?? 'h-[5px]', TONE_FILL[RUN_LOOK[run.status].tone])} />
        ))}
      </span>
    </Tooltip>
  );
}

function summaryOf(runs: WorkflowRow['recent_runs']): string {
  const counts = new Map<RunStatus, number>();
  for (const run of runs) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${RUN_LOOK[status].word.toLowerCase()}`);
  return `Last ${plural(runs.length, 'run')}: ${parts.join(', ')}`;
}
