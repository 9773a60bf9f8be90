import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { Sheet } from '#components/ui/sheet.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { hookCallsOptions } from '#lib/client/hooks.ts';
import type { HookCall } from '#lib/contracts/hooks.ts';
import { CallDetail } from './call-detail.tsx';
import { OUTCOME_WORDS } from './hook-words.ts';

interface CallListProps {
  readonly workflowId: string;
  readonly hookId: string;
}

/** What a hook was sent, newest first; a call opens beside it. */
export function CallList({ workflowId, hookId }: CallListProps) {
  const { data, error, isPending, refetch } = useQuery(hookCallsOptions(workflowId, hookId));
  const [shown, setShown] = useState<HookCall | null>(null);
  if (isPending) return <LoadingText>Loading calls</LoadingText>;
  if (error && !data) return <LoadError what="the calls" error={error} retry={() => refetch()} />;
  if (data.calls.length === 0) return <p className="text-small text-text-3">No calls yet.</p>;
  return (
    <>
      <ul aria-label="Calls" className="-mx-2 flex flex-col">
        {data.calls.map((call) => (
          <li key={call.id}>
            <button
              type="button"
              onClick={() => setShown(call)}
              className="flex min-h-9 w-full items-center gap-3 rounded-control px-2 py-1 text-left text-body transition-hover hover:bg-hover"
            >
              <span className="w-14 shrink-0 font-mono text-code-small text-text-2">{call.method}</span>
              <span className="min-w-0 flex-1">
                <span className={call.outcome === 'refused' ? 'text-status-failed' : undefined}>{OUTCOME_WORDS[call.outcome]}</span>
                {call.reason === null ? null : <span className="block truncate text-small text-text-3">{call.reason}</span>}
              </span>
              <span className="shrink-0 text-small text-text-2">
                <RelativeTime iso={call.received_at} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Sheet open={shown !== null} onOpenChange={() => setShown(null)} title="Call">
        {shown === null ? null : <CallDetail workflowId={workflowId} hookId={hookId} call={shown} />}
      </Sheet>
    </>
  );
}
