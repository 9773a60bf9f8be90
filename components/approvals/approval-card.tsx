import Link from 'next/link';
import { Markdown } from '#components/ui/markdown.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import type { Approval } from '#lib/contracts/approvals.ts';
import { DecideButtons } from './decide-buttons.tsx';

/** One question: who asks, what, since when, and the two answers. */
export function ApprovalCard({ approval }: { approval: Approval }) {
  return (
    <article aria-label={approval.workflow_name} className="flex flex-col gap-3 rounded-card border border-line-1 bg-bg-2 p-4">
      <header className="flex flex-wrap items-baseline gap-x-2 gap-y-1 text-small text-text-2">
        <Link href={`/runs/${approval.run_id}`} className="font-medium text-body text-text-1 hover:underline">
          {approval.workflow_name}
        </Link>
        <span className="min-w-0 truncate text-text-3">{approval.step_name}</span>
        <span className="ml-auto whitespace-nowrap">
          asked <RelativeTime iso={approval.created_at} />
          {approval.expires_at === null ? null : (
            <>
              , gives up <RelativeTime iso={approval.expires_at} />
            </>
          )}
        </span>
      </header>
      <Markdown text={approval.message} className="text-body text-text-1" />
      <DecideButtons approval={approval} />
    </article>
  );
}
