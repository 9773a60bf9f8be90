import { CircleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useSession } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import type { MergeChoices, Side } from '#lib/workflow/merge.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import { whoSaved } from './merged-sentence.ts';
import type { DraftSaving, OpenConflict } from './use-autosave.ts';

interface ConflictBannerProps {
  readonly saving: DraftSaving;
  /** The workflow was deleted. */
  readonly gone: boolean;
}

/** Why the draft is not saved: the server refused it, or both sides changed the same. Stands in the layout, never over the canvas. */
export function ConflictBanner({ saving, gone }: ConflictBannerProps) {
  const me = useSession().user?.name ?? '';
  const [comparing, setComparing] = useState(false);
  const { conflict } = saving;
  if (gone) return <Banner>This workflow was deleted. What is on the canvas can still be copied or exported.</Banner>;
  if (saving.state === 'failed' && saving.message !== null) return <Banner>Your changes are not saved: {saving.message}</Banner>;
  if (conflict === null) return null;
  const all = (side: Side): MergeChoices => new Map(conflict.conflicts.map(({ key }) => [key, side]));
  return (
    <>
      <Banner
        actions={
          <>
            <Button onClick={() => saving.resolve(all('theirs'))}>Take theirs</Button>
            <Button onClick={() => saving.resolve(all('mine'))}>Keep mine</Button>
            <Button onClick={() => setComparing(true)}>Compare…</Button>
          </>
        }
      >
        {whoSaved(conflict.by, me)} saved this draft <RelativeTime iso={conflict.at} /> and changed {whatBoth(conflict)} that you changed
        too. The rest is merged; nothing of yours is lost, and nothing is saved until you choose.
      </Banner>
      <ConflictDialog
        conflict={conflict}
        open={comparing}
        onOpenChange={setComparing}
        onChoose={(choices) => {
          setComparing(false);
          saving.resolve(choices);
        }}
      />
    </>
  );
}

function Banner({ children, actions }: { readonly children: ReactNode; readonly actions?: ReactNode }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line-1 border-b bg-bg-3 px-3 py-2 text-body">
      <CircleAlert className="size-4 shrink-0 text-status-failed" aria-hidden />
      <span className="min-w-60 flex-1 break-words">{children}</span>
      {actions === undefined ? null : <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

function whatBoth({ conflicts }: OpenConflict): string {
  const steps = conflicts.filter(({ kind }) => kind === 'step').length;
  if (steps === conflicts.length) return steps === 1 ? '1 step' : `${steps} steps`;
  return conflicts.length === 1 ? '1 thing' : `${conflicts.length} things`;
}
