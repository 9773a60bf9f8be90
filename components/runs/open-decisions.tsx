import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { DecideButtons } from '#components/approvals/decide-buttons.tsx';
import { Markdown } from '#components/ui/markdown.tsx';
import { runApprovalsOptions } from '#lib/client/approvals.ts';

interface OpenDecisionsProps {
  readonly runId: string;
  /** Key of the loop whose iterations are meant; null for the whole run. */
  readonly within: string | null;
  readonly onSelectStep: (key: string) => void;
}

/** Decisions that are drawn here; more of them are found under Approvals. */
const SHOWN = 5;

/** What a run, or the iterations of one of its loops, waits for a person to decide. Nothing where there is none. */
export function OpenDecisions({ runId, within, onSelectStep }: OpenDecisionsProps) {
  const { data } = useQuery(runApprovalsOptions(runId));
  const open = (data?.approvals ?? []).filter((one) => within === null || one.step_key.startsWith(`${within}[`));
  if (open.length === 0) return null;
  const more = open.length - SHOWN;
  return (
    <section aria-label="Open decisions">
      <h3 className="mb-1 flex h-7 items-center gap-1 font-medium text-small text-text-2">
        Waits for {open.length === 1 ? 'a decision' : `${open.length} decisions`}
      </h3>
      <ul className="divide-y divide-line-1 rounded-control border border-line-1 bg-bg-2">
        {open.slice(0, SHOWN).map((approval) => (
          <li key={approval.id} className="flex flex-col gap-2 p-3">
            <button
              type="button"
              className="max-w-full self-start truncate text-small text-text-3 hover:text-text-1 hover:underline"
              onClick={() => onSelectStep(approval.step_key)}
            >
              {approval.step_name}
            </button>
            <Markdown text={approval.message} className="break-words text-body text-text-1" />
            <DecideButtons approval={approval} />
          </li>
        ))}
      </ul>
      {more > 0 ? (
        <p className="mt-1 text-small text-text-3">
          and {more} more under{' '}
          <Link href="/approvals" className="text-text-1 underline underline-offset-2">
            Approvals
          </Link>
        </p>
      ) : null}
    </section>
  );
}
