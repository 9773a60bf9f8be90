import Link from 'next/link';
import { useState } from 'react';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { Chip } from '#components/ui/chip.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import type { Hook } from '#lib/contracts/hooks.ts';
import { CallList } from './call-list.tsx';
import { HookActions } from './hook-actions.tsx';
import { hookLine } from './hook-words.ts';

/** One hook: which workflow it belongs to, where the page does not say it, what it does, when it was last called, and its calls. */
export function HookCard({ hook, workflowName }: { hook: Hook; workflowName?: string }) {
  const mayChange = useCan('workflows:write');
  const [open, setOpen] = useState(false);
  return (
    <article aria-label={hook.name} className="flex flex-col gap-2 rounded-card border border-line-1 bg-bg-2 p-4">
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <h3 className="truncate text-heading">{hook.name}</h3>
        <Chip mono>…{hook.url_hint}</Chip>
        {hook.enabled ? null : <Chip>Off</Chip>}
        {hook.listening_until === null ? null : <Chip>Listening</Chip>}
        <span className="ml-auto whitespace-nowrap text-small text-text-3">
          {hook.last_used_at === null ? (
            'Never called'
          ) : (
            <>
              Called <RelativeTime iso={hook.last_used_at} />
            </>
          )}
        </span>
      </header>
      <p className="text-body text-text-2">
        {workflowName === undefined ? (
          'A call '
        ) : (
          <>
            <Link href={`/workflows/${hook.workflow_id}/hooks`} className="font-medium text-text-1 hover:underline">
              {workflowName}
            </Link>
            : a call{' '}
          </>
        )}
        {hookLine(hook)}.
      </p>
      {hook.listening_until === null ? null : (
        <p role="status" className="text-small text-text-2">
          Waiting for a test call: the next one runs the draft, at the same address.
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {mayChange ? <HookActions hook={hook} /> : null}
        <Button variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide calls' : 'Show calls'}
        </Button>
      </div>
      {open ? <CallList workflowId={hook.workflow_id} hookId={hook.id} /> : null}
    </article>
  );
}
