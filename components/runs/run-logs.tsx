'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { Button } from '#components/ui/button.tsx';
import type { RunEvent } from '#lib/engine/events.ts';
import { logLines } from './log-lines.ts';
import { useFollowedEnd } from './use-followed-end.ts';

/** Height of a line that is not broken. */
const ROW = 18;

interface RunLogsProps {
  readonly events: readonly RunEvent[];
  readonly stepId: string | null;
}

/** What the steps wrote, in the order in which it came; of one step, and of the iterations in it, where one is chosen. */
export function RunLogs({ events, stepId }: RunLogsProps) {
  const lines = useMemo(() => logLines(events, stepId), [events, stepId]);
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 });
  const end = useFollowedEnd(box, rows, lines.length);
  if (lines.length === 0) {
    return (
      <p className="p-3 text-body text-text-3">
        {stepId === null ? 'No step has written anything to its log.' : `${stepId} has written nothing to its log.`}
      </p>
    );
  }
  return (
    <div className="relative h-full">
      <div ref={box} onScroll={end.onScroll} className="h-full overflow-auto font-mono text-code" role="log" aria-label="Log lines">
        <div className="relative w-full" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const line = lines[row.index];
            if (line === undefined) return null;
            return (
              <div
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                className="absolute inset-x-0 flex gap-3 px-3"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <span className="shrink-0 text-text-3 tabular-nums">{new Date(line.at).toLocaleTimeString('en-GB')}</span>
                <span className="w-32 shrink-0 truncate text-text-2 max-sm:w-20" title={line.step}>
                  {line.step}
                </span>
                <span className="min-h-[18px] min-w-0 flex-1 whitespace-pre-wrap break-words">{line.text}</span>
              </div>
            );
          })}
        </div>
      </div>
      {end.news === 0 ? null : (
        <Button size="row" className="absolute right-4 bottom-2" onClick={end.follow}>
          {end.news} new
        </Button>
      )}
    </div>
  );
}
