'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { Button } from '#components/ui/button.tsx';
import { cn } from '#components/ui/cn.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { EVENT_WORDS, eventDetail } from './event-words.ts';
import { useFollowedEnd } from './use-followed-end.ts';

const ROW = 24;

interface EventLogProps {
  readonly events: readonly RunEvent[];
  readonly selected: string | null;
  readonly onSelectStep: (stepId: string) => void;
}

/** Every event of the run, newest at the bottom. Follows the end until the reader scrolls up, and then counts what is new. */
export function EventLog({ events, selected, onSelectStep }: EventLogProps) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: events.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 });
  const count = events.length;
  const start = events[0]?.at ?? 0;

  const end = useFollowedEnd(box, rows, count);

  return (
    <div className="relative h-full">
      <div ref={box} onScroll={end.onScroll} className="h-full overflow-auto" role="log" aria-label="Events of this run">
        <div className="relative w-full" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const event = events[row.index];
            if (event === undefined) return null;
            return (
              <div key={row.key} className="absolute inset-x-0" style={{ height: ROW, transform: `translateY(${row.start}px)` }}>
                <EventRow event={event} start={start} selected={selected} onSelectStep={onSelectStep} />
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

interface EventRowProps extends Omit<EventLogProps, 'events'> {
  readonly event: RunEvent;
  readonly start: number;
}

function EventRow({ event, start, selected, onSelectStep }: EventRowProps) {
  const step = 'step' in event ? event.step : null;
  const failed = event.type === 'step_failed' || (event.type === 'run_completed' && event.status === 'failed');
  const cells = (
    <>
      <span className="w-10 shrink-0 text-right text-text-3">{event.seq}</span>
      <span className="w-20 shrink-0 text-right text-text-3">+{((event.at - start) / 1000).toFixed(3)}</span>
      <span className={cn('w-32 shrink-0 truncate', failed ? 'text-status-failed' : 'text-text-1')}>{EVENT_WORDS[event.type]}</span>
      <span className="w-40 shrink-0 truncate text-text-1 max-sm:w-24">{step ?? ''}</span>
      <span className="min-w-0 flex-1 truncate text-text-3">{eventDetail(event)}</span>
    </>
  );
  const look = 'flex h-6 w-full items-center gap-3 px-3 text-left font-mono text-code';
  if (step === null) return <div className={look}>{cells}</div>;
  return (
    <button
      type="button"
      className={cn(look, 'focus-inset hover:bg-hover', step === selected && 'bg-active')}
      onClick={() => onSelectStep(step)}
    >
      {cells}
    </button>
  );
}
