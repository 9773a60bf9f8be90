'use client';

import type { RunEvent } from '#lib/engine/events.ts';

/** What the steps wrote, in the order in which it came. */
export function RunLogs({ events, stepId }: { events: readonly RunEvent[]; stepId: string | null }) {
  const lines = events.flatMap((event) =>
    event.type === 'step_log' && (stepId === null || event.step === stepId)
      ? event.lines.map((text, index) => ({ key: `${event.seq}.${index}`, step: event.step, at: event.at, text }))
      : [],
  );
  if (lines.length === 0) {
    return (
      <p className="p-3 text-body text-text-3">
        {stepId === null ? 'No step has written anything to its log.' : `${stepId} has written nothing to its log.`}
      </p>
    );
  }
  return (
    <div className="h-full overflow-auto py-1 font-mono text-code" role="log" aria-label="Log lines">
      {lines.map((line) => (
        <div key={line.key} className="flex gap-3 px-3">
          <span className="shrink-0 text-text-3">{new Date(line.at).toLocaleTimeString('en-GB')}</span>
          <span className="w-32 shrink-0 truncate text-text-2">{line.step}</span>
          <span className="min-w-0 whitespace-pre-wrap break-words">{line.text}</span>
        </div>
      ))}
    </div>
  );
}
